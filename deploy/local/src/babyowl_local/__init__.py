"""The whole of Baby Owl on one machine, without Docker: private servers, supervisor and mailbox."""
