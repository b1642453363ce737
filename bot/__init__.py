"""The edge: settings, command line, channels, worker, sender (入口)."""
