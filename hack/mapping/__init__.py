"""Where every field of a spec goes, cloud by cloud: found by writing samples and looking at what would be sent."""
