"""The local web chat (本地聊天): a channel like the others, whose platform is our own page."""
