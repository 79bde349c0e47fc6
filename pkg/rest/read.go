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

// Reader takes an answer's JSON from the wire as it comes. It is called once for every attempt and begins anew each time.
// What it returns of the decoder's errors makes the answer unusable; any other error is the caller's own and ends the
// request with that.
type Reader func(*jsontext.Decoder) error

// reader returns what reads an answer into a value: the value itself if it is a Reader, and else one for its Go type.
func reader(into any) Reader {
	switch into := into.(type) {
	case Reader:
		return into
	case func(*jsontext.Decoder) error:
		return into
	}
	return func(dec *jsontext.Decoder) error { return json.UnmarshalDecode(dec, into) }
}

// JSONOptions are how this program reads foreign JSON: names are exact and stand once, because of two values nobody knows
// which is meant; a byte that is no UTF-8 spoils a name and not the list that the name is in.
func JSONOptions() jsontext.Options { return jsontext.AllowInvalidUTF8(true) }

// mostOfAValue bounds what is taken from the wire in one piece: a text, a number, or a group with all its members. A hundred
// thousand members take about that much.
const mostOfAValue = 16 << 20

// read decodes the body of a success, and sees that nothing follows it.
func (a *arrival) read(into any) error {
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
	e := a.client.newError(a.req, Unusable)
	return a.unread(e, "something follows the end of the answer")
}

// decoder returns a decoder of a body, with the buffer of one that has come to its end.
func (c *Client) decoder(body io.Reader) *jsontext.Decoder {
	dec, ok := c.decoders.Get().(*jsontext.Decoder)
	if !ok {
		return jsontext.NewDecoder(body, JSONOptions())
	}
	dec.Reset(body, JSONOptions())
	return dec
}

// judge tells what is wrong with the bytes from what is wrong with what they say, which is the caller's own affair.
func (a *arrival) judge(err error) error {
	var syntax *jsontext.SyntacticError
	var meaning *json.SemanticError
	if a.body.failed != nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &syntax) || errors.As(err, &meaning) {
		return a.unusable(err)
	}
	return err
}

// unusable is the error of a 2xx answer whose body is no JSON for us. Only one that was cut short may be better next
// time. What was in it is not shown: it may be anybody's data, or a token.
func (a *arrival) unusable(err error) *Error {
	c := a.client
	e := c.newError(a.req, Unusable)
	var syntax *jsontext.SyntacticError
	var meaning *json.SemanticError
	switch failed := a.body.failed; {
	case errors.Is(failed, errTooLarge):
		e.TooLarge = true
		return a.unread(e, fmt.Sprintf("the answer is larger than %d bytes", a.body.max()))
	case errors.Is(failed, errValue):
		return a.unread(e, fmt.Sprintf("a single value in the answer is larger than %d bytes", mostOfAValue))
	case failed != nil:
		e.Err, e.again = c.plain(failed), true
		return a.unread(e, "the answer is cut short")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e.again = true
		return a.unread(e, "the answer is cut short")
	case errors.Is(err, jsontext.ErrDuplicateName):
		return a.unread(e, "the answer gives the same name twice in one object")
	case errors.As(err, &meaning):
		return a.unread(e, fmt.Sprintf("the answer has a JSON %s where none belongs (%s)",
			kindName(meaning.JSONKind), cmp.Or(c.opts.Redact.Text(string(meaning.JSONPointer), maxExcerpt), "at the top")))
	case errors.As(err, &syntax):
		return a.unread(e, "the answer cannot be read as JSON: "+c.opts.Redact.Text(syntax.Err.Error(), maxExcerpt))
	}
	return a.unread(e, "the answer cannot be read")
}

// kindName says in a word what a JSON value is.
func kindName(kind jsontext.Kind) string {
	switch kind {
	case jsontext.KindBeginObject:
		return "object"
	case jsontext.KindBeginArray:
		return "array"
	}
	return kind.String()
}

// unread fills in an error about an answer that came.
func (a *arrival) unread(e *Error, message string) *Error {
	e.Status, e.RequestIDs, e.Message = a.resp.StatusCode, a.seen.RequestIDs, message
	return e
}
