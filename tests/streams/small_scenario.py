"""A scenario file with one monitor, into which a test writes for how many days it runs and what is said."""

HEAD = """monitors:
  - {name: city, query: city hall, timezone: Europe/Berlin, detectors: {volume_spike: {}}}
scenarios:
  - name: a test
    days: %s
    mentions:
%s
    expect:
      - {no_alert: any}
"""
