package rest

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Reader decodes the JSON body of a response while it arrives. It is called once for every attempt and has to start again each
// time. If it returns an error of the decoder, the response is unusable. Any other error ends the request and is returned to
// the caller.
type Reader = func(*jsontext.Decoder) error

// Text is the body of a response that is not JSON. The request needs a small MaxBody.
type Text string

// reader returns the Reader for a target: the target itself if it is a Reader, otherwise one that decodes into its Go type.
func reader(into any) Reader {
	if read, ok := into.(Reader); ok {
		return read
	}
	return func(dec *jsontext.Decoder) error { return json.UnmarshalDecode(dec, into) }
}

// JSONOptions returns the options for JSON from outside. Names match exactly. A duplicate name is an error, because it is not
// clear which value is meant. Invalid UTF-8 is allowed, so that one bad byte in a name does not make the whole list unusable.
func JSONOptions() jsontext.Options { return jsontext.AllowInvalidUTF8(true) }

// mostOfAValue is the maximum size in bytes of a value that is read as a whole: a string, a number, or a group with all its
// members. A group with 100,000 members has about this size.
const mostOfAValue = 16 << 20

// read decodes the body of a 2xx response, unless it is a Text, and checks that nothing follows the JSON value.
func (a *arrival) read(into any) error {
	if text, ok := into.(*Text); ok {
		data, err := io.ReadAll(a.body)
		if err != nil {
			return a.unusable(err)
		}
		*text = Text(data)
		return nil
	}
	a.body.value = mostOfAValue
	dec := a.client.decoder(a.body)
	if err := reader(into)(dec); err != nil {
		return a.judge(err)
	}
	switch _, err := dec.ReadToken(); {
	case errors.Is(err, io.EOF):
		dec.Reset(strings.NewReader(""))
		a.client.decoders.Put(dec)
		return nil
	case err != nil:
		return a.judge(err)
	}
	return a.unread("something follows the end of the answer")
}

// decoder returns a decoder for a body. It reuses the buffer of a decoder that has finished.
func (c *Client) decoder(body io.Reader) *jsontext.Decoder {
	dec, ok := c.decoders.Get().(*jsontext.Decoder)
	if !ok {
		return jsontext.NewDecoder(body, JSONOptions())
	}
	dec.Reset(body, JSONOptions())
	return dec
}

// judge returns an unusable response if err is about the bytes of the body. Other errors come from the Reader and are returned
// as is.
func (a *arrival) judge(err error) error {
	ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	wrong := errors.As(err, new(*jsontext.SyntacticError)) || errors.As(err, new(*json.SemanticError))
	if a.body.failed != nil || ended || wrong {
		return a.unusable(err)
	}
	return err
}

// unusable returns the error of a 2xx response whose body cannot be decoded. Another attempt may help only if the body was cut
// short. The error does not contain the body, which may hold personal data or a token.
func (a *arrival) unusable(err error) *Error {
	c := a.client
	e := a.unread("the answer cannot be read")
	var syntax *jsontext.SyntacticError
	var meaning *json.SemanticError
	switch failed := a.body.failed; {
	case errors.Is(failed, errTooLarge):
		e.TooLarge, e.Message = true, fmt.Sprintf("the answer is larger than %d bytes", a.body.max())
	case errors.Is(failed, errValue):
		e.Message = fmt.Sprintf("a single value in the answer is larger than %d bytes", mostOfAValue)
	case failed != nil:
		e.Err, e.again, e.Message = c.plain(failed), true, "the answer is cut short"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e.again, e.Message = true, "the answer is cut short"
	case errors.Is(err, jsontext.ErrDuplicateName):
		e.Message = "the answer gives the same name twice in one object"
	case errors.As(err, &meaning):
		kind := strings.NewReplacer("{", "object", "[", "array").Replace(meaning.JSONKind.String())
		at := cmp.Or(c.opts.Redact.Text(string(meaning.JSONPointer), maxExcerpt), "at the top")
		e.Message = fmt.Sprintf("the answer has a JSON %s where none belongs (%s)", kind, at)
	case errors.As(err, &syntax):
		e.Message = "the answer cannot be read as JSON: " + c.opts.Redact.Text(syntax.Err.Error(), maxExcerpt)
	}
	return e
}

// unread returns the error of a 2xx response whose body cannot be used.
func (a *arrival) unread(message string) *Error {
	e := a.client.newError(a.req, Unusable)
	e.Status, e.RequestIDs, e.Message = a.resp.StatusCode, a.seen.RequestIDs, message
	return e
}
