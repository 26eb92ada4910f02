import { PageConfig } from '@jupyterlab/coreutils';

import { hubPage } from '../../src/base/hubservice';

describe('hubPage', () => {
  afterEach(() => {
    PageConfig.setOption('hubPrefix', '');
    PageConfig.setOption('hubHost', '');
  });

  it.each([
    ['', '', null],
    ['/hub/', '', '/services/orrery/publish/x'],
    ['/jhub/hub/', '', '/jhub/services/orrery/publish/x'],
    ['/hub/', 'https://hub.example', 'https://hub.example/services/orrery/publish/x']
  ])('knows the hub at %s%s', (prefix, host, page) => {
    PageConfig.setOption('hubPrefix', prefix);
    PageConfig.setOption('hubHost', host);
    expect(hubPage('publish/x')).toBe(page);
  });
});
