/**
 * Toys, plugged into the lab.
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { toyOf } from './model';

const plugin: JupyterFrontEndPlugin<void> = {
  id: '@orrery/labextension:toy',
  description: 'Toys.',
  autoStart: true,
  activate: app => {
    app.commands.addCommand('toy:name', {
      label: 'Toy Name',
      caption: 'The name of a toy',
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => toyOf('red').name
    });
  }
};

export default [plugin];
