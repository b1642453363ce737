"""Opening photos (照片): in a process of its own with limits, so that no file can stop the bot."""
