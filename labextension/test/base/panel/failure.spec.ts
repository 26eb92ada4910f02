import { framePromise } from '@jupyterlab/testing';
import { Widget } from '@lumino/widgets';

import { toError } from '../../../src/base/errors';
import type { LazyPanel } from '../../../src/base/panel/register';
import { registerPanel } from '../../../src/base/panel/register';
import { orreryIcon } from '../../../src/base/icons';

let panel: LazyPanel;

afterEach(() => panel.dispose());

async function drawn(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve));
  await framePromise();
}

function show(load: () => Promise<Widget>): void {
  const add = (widget: Widget): void => Widget.attach(widget, document.body);
  panel = registerPanel(
    { restored: Promise.resolve(), shell: { add } } as never,
    null,
    null,
    {
      id: 'orrery-test',
      title: 'Test',
      icon: orreryIcon,
      area: 'left',
      rank: 1,
      load,
      create: content => content
    }
  );
}

it('shows its content', async () => {
  const content = new Widget();
  show(() => Promise.resolve(content));
  await drawn();
  expect(content.isAttached).toBe(true);
});

it.each([
  ['a chunk', new Error('Loading chunk 103 failed'), 'Reload the page'],
  ['the server', toError({ code: 'network_down', message: 'Gone' }), 'Gone']
])('says that %s is missing, and loads when asked again', async (_, failure, text) => {
  const content = new Widget();
  const load = jest.fn().mockRejectedValueOnce(failure).mockResolvedValue(content);
  show(load);
  await drawn();
  const alert = panel.node.querySelector('[role=alert]');
  expect(alert?.textContent).toContain(text);
  const buttons = [...panel.node.querySelectorAll('button')];
  expect(buttons.map(({ textContent }) => textContent)).toEqual([
    'Try Again',
    'Reload Page'
  ]);
  buttons[0].click();
  await drawn();
  expect(panel.node.querySelector('[role=alert]')).toBeNull();
  expect(content.isAttached).toBe(true);
});
