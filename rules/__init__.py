"""What is true: pure functions, no I/O, no clock, no session (规则)."""
