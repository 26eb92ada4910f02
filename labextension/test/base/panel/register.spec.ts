import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { framePromise } from '@jupyterlab/testing';
import { addIcon } from '@jupyterlab/ui-components';
import { Panel, Widget } from '@lumino/widgets';

import { registerPanel } from '../../../src/base/panel/register';

describe('registerPanel', () => {
  const added: [Widget, string, unknown][] = [];
  const app = {
    restored: Promise.resolve(),
    shell: {
      add: (widget: Widget, area: string, options: unknown) =>
        added.push([widget, area, options])
    }
  } as unknown as JupyterFrontEnd;

  afterEach(() => {
    added.splice(0).forEach(([widget]) => widget.dispose());
    Notification.dismiss();
  });

  const register = (load: () => Promise<{ text: string }>): Widget => {
    registerPanel(app, null, null, {
      id: 'orrery-test',
      title: 'Test',
      icon: addIcon,
      area: 'right',
      rank: 7,
      load,
      create: ({ text }) => {
        const content = new Panel();
        content.node.textContent = text;
        return content;
      }
    });
    return added[0][0];
  };

  const settled = (): Promise<void> => new Promise(resolve => setTimeout(resolve));

  it('puts a named region into the side bar and loads it when it is first seen', async () => {
    const load = jest.fn().mockResolvedValue({ text: 'Content' });
    const widget = register(load);
    expect(added[0].slice(1)).toEqual(['right', { rank: 7, type: 'Test' }]);
    expect(widget.id).toBe('orrery-test');
    expect(widget.title.caption).toBe('Test');
    expect(widget.node.getAttribute('aria-label')).toBe('Test');
    expect(load).not.toHaveBeenCalled();
    Widget.attach(widget, document.body);
    await settled();
    widget.hide();
    widget.show();
    await settled();
    expect(widget.node.textContent).toBe('Content');
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('moves the focus into what a person opens, not into what a reload brings back', async () => {
    const focused: string[] = [];
    let restore: () => void = () => undefined;
    const restored = new Promise<void>(resolve => (restore = resolve));
    const widget = registerPanel({ ...app, restored } as JupyterFrontEnd, null, null, {
      id: 'orrery-test',
      title: 'Test',
      icon: addIcon,
      area: 'left',
      rank: 7,
      load: () => Promise.resolve({}),
      create: () => {
        const content = new Panel();
        content.activate = () => void focused.push('search');
        return content;
      }
    });
    Widget.attach(widget, document.body);
    await settled();
    widget.hide();
    widget.show();
    await settled();
    expect(focused).toEqual([]);
    restore();
    await settled();
    widget.hide();
    widget.show();
    await settled();
    expect(focused).toEqual(['search']);
  });

  it('says why it could not be loaded, and tries again when it is seen again', async () => {
    const load = jest
      .fn()
      .mockRejectedValueOnce(new Error('Loading chunk 7 failed'))
      .mockResolvedValue({ text: 'Content' });
    const widget = register(load);
    Widget.attach(widget, document.body);
    await settled();
    // The place of the content says so: a toast would be gone, and the panel blank.
    expect(Notification.manager.count).toBe(0);
    await framePromise();
    expect(widget.node.textContent).toContain('Loading chunk 7 failed');
    widget.hide();
    widget.show();
    await settled();
    expect(widget.node.textContent).toBe('Content');
  });
});
