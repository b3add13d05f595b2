"""What may be written: dims, nodes, shapes, tracing with the reader's names, model text. Knows no operation's meaning."""
