"""The command line.

Arguments in, lines and an exit code out; the work is the session's and the engine's. No Qt may
enter, and nothing slow may be imported before it is needed. Begin at `parser`, then `main`;
`commands` works orders, `overrides` reach a Touchline that runs, `printer` says what came of it.
"""
