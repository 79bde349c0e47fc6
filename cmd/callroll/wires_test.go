package main

import (
	"fmt"
	"strings"
)

// wire writes an answer in a wrong way, or in one that is rare.
type wire struct {
	// text is the answer, with BODY, LENGTH and CHUNK, which is the body as a chunk. Its lines end with a new line alone.
	text string
	// extra says that something follows the answer, which net/http logs before it closes the connection.
	extra bool
}

// write returns what goes over the wire for a body, which is JSON on one line.
func (w wire) write(body string) string {
	text := strings.NewReplacer("\n", "\r\n",
		"BODY", body, "HALF", fmt.Sprint(len(body)/2), "LENGTH", fmt.Sprint(len(body)), "MORE", fmt.Sprint(len(body)+9),
		"CHUNK", fmt.Sprintf("%x\r\n%s\r\n", len(body), body),
		"NOSPACES", strings.ReplaceAll(body, " ", ""),
	).Replace(w.text)
	if many, ok := strings.CutPrefix(text, "MANY "); ok {
		return strings.Repeat(many, 1<<20/len(body)+9) // net/http takes a megabyte of heads
	}
	return text
}

// wires are the ways in which an answer may misbehave.
func wires() map[string]wire {
	const ok, chunked = "HTTP/1.1 200 OK\n", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n"
	return map[string]wire{
		"a short length":       {ok + "Content-Length: HALF\n\nBODY", true},
		"a length of 0":        {ok + "Content-Length: 0\n\nBODY", true},
		"a body twice":         {ok + "Content-Length: LENGTH\n\nBODYBODY", true},
		"a whole answer twice": {strings.Repeat(ok+"Content-Length: LENGTH\n\nBODY", 2), true},
		"a 204 and a body":     {"HTTP/1.1 204 No Content\n\nBODY", true},
		"a 304 and a body":     {"HTTP/1.1 304 Not Modified\n\nBODY", true},
		"after the last chunk": {chunked + "\nCHUNK0\n\nBODY", true},

		"a long length":     {text: ok + "Content-Length: MORE\n\nBODY"},
		"no length":         {text: ok + "Connection: close\n\nBODY"},
		"a 205 and a body":  {text: "HTTP/1.1 205 Reset Content\nContent-Length: LENGTH\n\nBODY"},
		"a 101":             {text: "HTTP/1.1 101 Switching Protocols\n\nBODY"},
		"an early hint":     {text: "HTTP/1.1 103 Early Hints\nLink: BODY\n\n" + ok + "Content-Length: LENGTH\n\nBODY"},
		"too many 1xx":      {text: "MANY HTTP/1.1 103 Early Hints\nLink: BODY\n\n"},
		"a 1xx with a body": {text: "HTTP/1.1 100 Continue\nContent-Length: LENGTH\n\nBODY"},

		"a trailer":                  {text: chunked + "Trailer: X-Body\n\nCHUNK0\nX-Body: BODY\n\n"},
		"a trailer that is none":     {text: chunked + "\nCHUNK0\nBODY\n\n"},
		"a trailer key that is none": {text: chunked + "Trailer: Content-Length, BODY\n\nCHUNK0\n\n"},
		"a chunk that is none":       {text: chunked + "\nBODY\n\n"},
		"a short chunk":              {text: chunked + "\n5\nBODY\n0\n\n"},

		"no head":                   {text: "BODY\n\n"},
		"a status that is none":     {text: "HTTP/1.1 BODY\n\n"},
		"a version that is none":    {text: "HTTP/NOSPACES 200 OK\n\n"},
		"a header that is none":     {text: ok + "BODY\n\n"},
		"a folded header":           {text: ok + " BODY\n\n"},
		"a length that is none":     {text: ok + "Content-Length: BODY\n\n"},
		"two lengths":               {text: ok + "Content-Length: 5\nContent-Length: BODY\n\n"},
		"an encoding that is none":  {text: ok + "Transfer-Encoding: BODY\n\n"},
		"two encodings":             {text: chunked + "Transfer-Encoding: BODY\n\n"},
		"a body that is not packed": {text: ok + "Content-Encoding: gzip\nContent-Length: LENGTH\n\nBODY"},
	}
}
