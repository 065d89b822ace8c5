"""What everything stands on: the one error, bounded configurations, the disk, the device, names on screen."""
