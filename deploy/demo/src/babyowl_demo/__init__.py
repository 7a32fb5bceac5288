"""One class's story, played through the gateway by the people in it, over HTTP alone."""
