/**
 * The top of the panel: search, the main actions, and a menu of the others.
 */
import {
  closeIcon,
  ellipsesIcon,
  MenuSvg,
  searchIcon,
  type LabIcon
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import React, { forwardRef } from 'react';

import { useChanges } from '../base/hooks';
import { CommandIDs } from './commands';
import { IconButton } from '../base/controls';
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
    const text = model.query.q ?? '';
    const onKeyDown = (event: React.KeyboardEvent): void => {
      if (event.key === 'Escape' && text) {
        event.preventDefault();
        model.narrow({ q: '' });
      } else if (event.key === 'ArrowDown' || event.key === 'Enter') {
        event.preventDefault();
        onDown();
      }
    };
    return (
      <div
        className="orrery-snippets-toolbar"
        role="toolbar"
        aria-label={trans.__('Snippets')}
      >
        <div className="orrery-snippets-search">
          <searchIcon.react tag="span" className="orrery-snippets-search-icon" />
          <input
            ref={search}
            type="text"
            role="searchbox"
            spellCheck={false}
            placeholder={trans.__('Search')}
            aria-label={trans.__('Search in name, tags, description and code')}
            title={trans.__('Search in name, tags, description and code')}
            value={text}
            onChange={event => model.narrow({ q: event.currentTarget.value })}
            onKeyDown={onKeyDown}
          />
          {text && (
            <IconButton
              icon={closeIcon}
              label={trans.__('Clear search')}
              onClick={() => model.narrow({ q: '' })}
            />
          )}
        </div>
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
