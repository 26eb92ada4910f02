import type { Widget } from '@lumino/widgets';

import { ProjectsOpener, type IOpenerOptions } from '../../src/projects/opener';

it.each([
  ['opens Home in a lab with nothing else to restore', true, ['launcher-0'], 1],
  ['leaves a lab alone that has something to restore', true, ['notebook'], 0],
  ['opens nothing when the setting turns that off', false, ['launcher-0'], 0]
])('%s', async (_, openOnStart, widgets, times) => {
  const shell = { widgets: () => widgets.map(id => ({ id })) };
  const app = { restored: Promise.resolve(), shell };
  const opener = new ProjectsOpener({ app } as unknown as IOpenerOptions);
  const openHome = jest.spyOn(opener, 'openHome').mockReturnValue({} as Widget);
  await opener.start({
    get: name => ({
      user: undefined,
      composite: name === 'openOnStart' && openOnStart
    })
  });
  expect(openHome).toHaveBeenCalledTimes(times);
});
