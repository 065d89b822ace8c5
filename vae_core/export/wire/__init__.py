"""The wire between Python and the browser: what each live part is given and what it sends back, for the app and the page to take home."""
