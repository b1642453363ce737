"""Sheets and maps that arrive (来件): read into plain rows, refused by size before they are opened."""
