/**
 * The top of the panel: search, the main actions, and a menu of the others.
 */
import { ellipsesIcon, MenuSvg, type LabIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import React, { forwardRef } from 'react';

import { IconButton } from '../base/controls';
import { useChanges } from '../base/hooks';
import { SearchField } from '../base/search';
import { CommandIDs } from './commands';
import { useScreen } from './hooks';
import type { Sort } from './schemas';
import type { IWorkbench } from './workbench';

export interface IToolbarProps {
  onDown: () => void;
}

/** Search and actions; the reference is that of the search field. */
export const PanelToolbar = forwardRef<HTMLInputElement, IToolbarProps>(
  function PanelToolbar({ onDown }, search): JSX.Element {
    const { bench, commands } = useScreen();
    const { model, trans } = bench;
    useChanges(model.changed);
    return (
      <div className="orrery-toolbar" role="toolbar" aria-label={trans.__('Snippets')}>
        <SearchField
          ref={search}
          label={trans.__('Search in name, tags, description and code')}
          value={model.query.q ?? ''}
          onChange={q => model.narrow({ q })}
          onDown={onDown}
          trans={trans}
        />
        <CommandButton id={CommandIDs.new} />
        <CommandButton id={CommandIDs.saveSelection} />
        <CommandButton id={CommandIDs.refresh} />
        <IconButton
          icon={ellipsesIcon}
          label={trans.__('More actions')}
          onClick={event => openMenu(commands, bench, event.currentTarget)}
        />
      </div>
    );
  }
);

function CommandButton({ id }: { id: string }): JSX.Element {
  const { commands } = useScreen();
  return (
    <IconButton
      icon={commands.icon(id, {}) as LabIcon}
      label={commands.label(id)}
      onClick={() => void commands.execute(id)}
    />
  );
}

/** The actions that are needed less often. */
function openMenu(
  commands: CommandRegistry,
  bench: IWorkbench,
  button: HTMLElement
): void {
  const { trans } = bench;
  const menu = new MenuSvg({ commands });
  const order = new MenuSvg({ commands });
  order.title.label = trans.__('Order by');
  const sorts: Sort[] = ['relevance', 'name', 'updated', 'used', 'position'];
  sorts.forEach(by => order.addItem({ command: CommandIDs.sort, args: { by } }));
  menu.addItem({ type: 'submenu', submenu: order });
  menu.addItem({ type: 'separator' });
  menu.addItem({ command: CommandIDs.import });
  menu.addItem({ command: CommandIDs.import, args: { folder: true } });
  const selected = bench.selection.ids.length > 1;
  for (const format of ['code-snippets', 'elyra']) {
    menu.addItem({ command: CommandIDs.export, args: { format } });
    if (selected) {
      menu.addItem({ command: CommandIDs.export, args: { format, selected } });
    }
  }
  menu.addItem({ type: 'separator' });
  menu.addItem({ command: CommandIDs.libraries });
  const { right, bottom } = button.getBoundingClientRect();
  menu.open(right, bottom, { horizontalAlignment: 'right' });
}
