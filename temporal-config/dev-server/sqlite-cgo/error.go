package sqlite

import (
	"errors"
	"fmt"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// Error is an error of SQLite with the text and the code that the pure-Go driver gives it: Temporal matches both.
type Error struct {
	text string
	code int
}

func (e *Error) Error() string { return e.text }

// Code returns SQLite's extended result code. See https://sqlite.org/rescode.html.
func (e *Error) Code() int { return e.code }

// asTemporalExpects returns errors of SQLite as *Error, and any other one as it is.
func asTemporalExpects(err error) error {
	var found sqlite3.Error
	if !errors.As(err, &found) {
		return err
	}
	code := int(found.ExtendedCode)
	if code == 0 {
		code = int(found.Code)
	}
	text, kind := found.Error(), found.Code.Error()
	if text != kind {
		text = kind + ": " + text
	}
	text = fmt.Sprintf("%s (%d)", text, code)
	if found.Code == sqlite3.ErrBusy {
		text += " (SQLITE_BUSY)"
	}
	return &Error{text, code}
}
