"""The commands (命令): a file with an `app` each, and what they share; what they do lies in other rooms."""
