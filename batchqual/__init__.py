"""Bulk customer qualification for Microsoft CSP partners."""
