/**
 * The menu of the actions that are needed less often.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  addToolbarButtonClass,
  ellipsesIcon,
  MenuSvg,
  ReactWidget,
  ToolbarButtonComponent
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Widget } from '@lumino/widgets';
import { createElement } from 'react';

import { CommandIDs } from '../commands';
import { FORMATS, SORTS } from '../settings';

/** The button that opens the menu. */
export function createMoreButton(
  commands: CommandRegistry,
  trans: TranslationBundle
): Widget {
  const open = (): void => {
    const { left, bottom } = button.node.getBoundingClientRect();
    createMenu(commands, trans).open(left, bottom);
  };
  const button: Widget = addToolbarButtonClass(
    ReactWidget.create(
      createElement(ToolbarButtonComponent, {
        icon: ellipsesIcon,
        tooltip: trans.__('More actions'),
        onClick: open
      })
    )
  );
  return button;
}

function createMenu(commands: CommandRegistry, trans: TranslationBundle): MenuSvg {
  const menu = new MenuSvg({ commands });
  const order = new MenuSvg({ commands });
  order.title.label = trans.__('Order By');
  SORTS.forEach(by => order.addItem({ command: CommandIDs.sort, args: { by } }));
  menu.addItem({ command: CommandIDs.saveSelection });
  menu.addItem({ command: CommandIDs.saveCells });
  menu.addItem({ type: 'separator' });
  menu.addItem({ type: 'submenu', submenu: order });
  menu.addItem({ command: CommandIDs.refresh });
  menu.addItem({ type: 'separator' });
  menu.addItem({ command: CommandIDs.import });
  menu.addItem({ command: CommandIDs.import, args: { folder: true } });
  for (const format of FORMATS) {
    menu.addItem({ command: CommandIDs.export, args: { format } });
    menu.addItem({ command: CommandIDs.export, args: { format, selected: true } });
  }
  menu.addItem({ type: 'separator' });
  menu.addItem({ command: CommandIDs.libraries });
  return menu;
}
