"""What the commands do (命令): functions that the command line calls and prints."""
