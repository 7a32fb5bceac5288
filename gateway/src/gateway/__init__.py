"""The one door to Baby Owl: it knows routes, tokens and limits, and nothing of the business."""
