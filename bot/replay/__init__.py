"""The replay (回放): deliveries of the past through the real intake, one complete submission a line."""
