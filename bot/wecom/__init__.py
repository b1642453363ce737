"""WeCom (企业微信): a self-built app with a callback; each file one part of the way in or out."""
