import json
from pathlib import Path

settings = json.loads(Path('/config/settings.json').read_text())
enabled = [name for name, on in settings['features'].items() if on]

try:
    Path('/config/settings.json').write_text('{}')
except OSError as error:
    print('read-only:', error)

{'region': settings['region'], 'enabled': enabled}
