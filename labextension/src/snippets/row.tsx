/**
 * One snippet in the list.
 */
import { Time } from '@jupyterlab/coreutils';
import {
  copyIcon,
  duplicateIcon,
  editIcon,
  ellipsesIcon
} from '@jupyterlab/ui-components';
import React, { memo } from 'react';

import { CommandIDs } from './commands';
import { IconButton } from '../base/controls';
import { useScreen } from './hooks';
import { insertIcon, languageIcon, starEmptyIcon, starIcon } from './icons';
import { Preview, useScopeName } from './preview';
import type { Snippet } from './schemas';

export interface IRowProps {
  snippet: Snippet;
  index: number;
  /** The words that were searched for. */
  words: readonly string[];
  active: boolean;
  selected: boolean;
  expanded: boolean;
}

/** A row: icon, name, one quiet line, and what can be done. */
export const Row = memo(function Row(props: IRowProps): JSX.Element {
  const { snippet, active, expanded } = props;
  const { trans } = useScreen().bench;
  return (
    <>
      <div className="orrery-snippets-line">
        <div role="gridcell" className="orrery-snippets-what">
          <LanguageIcon language={snippet.language} />
          <span className="orrery-snippets-name">
            <Marked text={snippet.name} words={props.words} />
          </span>
          {snippet.unseen && (
            <span
              className="orrery-snippets-badge"
              title={trans.__('Changed by somebody else since you last looked')}
            >
              {trans.__('Updated')}
            </span>
          )}
          <Meta snippet={snippet} words={props.words} />
        </div>
        <div role="gridcell" className="orrery-snippets-actions">
          <Actions snippet={snippet} active={active} />
        </div>
      </div>
      {expanded && (
        <div role="gridcell" className="orrery-snippets-below">
          <Preview snippet={snippet} />
        </div>
      )}
    </>
  );
});

function LanguageIcon({ language }: { language: string }): JSX.Element {
  const Icon = languageIcon(language);
  return (
    <Icon.react
      tag="span"
      className="orrery-snippets-icon"
      title={language}
      stylesheet="listing"
    />
  );
}

function Meta({
  snippet,
  words
}: {
  snippet: Snippet;
  words: readonly string[];
}): JSX.Element {
  const { bench } = useScreen();
  const scopeName = useScopeName();
  const author = snippet.updated_by;
  const facts = [
    snippet.tags.join(', '),
    snippet.scope === 'mine' ? '' : scopeName(snippet),
    snippet.library || !author || author === bench.user() ? '' : author
  ].filter(fact => fact !== '');
  return (
    <>
      <span className="orrery-snippets-meta">
        <Marked text={facts.join(' · ')} words={words} />
      </span>
      {!snippet.library && (
        <time
          className="orrery-snippets-when"
          dateTime={snippet.updated}
          title={Time.format(snippet.updated)}
        >
          {Time.formatHuman(snippet.updated, 'narrow')}
        </time>
      )}
    </>
  );
}

function Actions({
  snippet,
  active
}: {
  snippet: Snippet;
  active: boolean;
}): JSX.Element {
  const { bench, commands } = useScreen();
  const { trans } = bench;
  const target = bench.inserter.describeTarget();
  const run =
    (command: string, more: Record<string, string | boolean> = {}) =>
    () => {
      bench.selection.set(snippet);
      void commands.execute(command, { id: snippet.id, ...more });
    };
  const tabIndex = active ? 0 : -1;
  return (
    <>
      <IconButton
        icon={insertIcon}
        label={target.enabled ? target.text : trans.__('Insert: %1', target.text)}
        disabled={!target.enabled}
        tabIndex={tabIndex}
        onClick={run(CommandIDs.insert)}
      />
      <IconButton
        icon={copyIcon}
        label={trans.__('Copy code')}
        className="orrery-mod-wide"
        tabIndex={tabIndex}
        onClick={run(CommandIDs.copy)}
      />
      {snippet.writable ? (
        <IconButton
          icon={editIcon}
          label={trans.__('Edit')}
          tabIndex={tabIndex}
          onClick={run(CommandIDs.edit)}
        />
      ) : (
        <IconButton
          icon={duplicateIcon}
          label={trans.__('Duplicate to edit')}
          tabIndex={tabIndex}
          onClick={run(CommandIDs.duplicate, { edit: true })}
        />
      )}
      <IconButton
        icon={ellipsesIcon}
        label={trans.__('More')}
        tabIndex={tabIndex}
        onClick={event => openContextMenu(event.currentTarget)}
      />
      <IconButton
        icon={snippet.favourite ? starIcon : starEmptyIcon}
        label={
          snippet.favourite
            ? trans.__('Remove from favourites')
            : trans.__('Add to favourites')
        }
        className={snippet.favourite ? 'orrery-mod-kept' : ''}
        tabIndex={tabIndex}
        onClick={run(CommandIDs.favourite)}
      />
    </>
  );
}

/** The menu of a row, opened by a button in it. */
function openContextMenu(button: HTMLElement): void {
  const { left, bottom } = button.getBoundingClientRect();
  button.dispatchEvent(
    new MouseEvent('contextmenu', {
      bubbles: true,
      cancelable: true,
      clientX: left,
      clientY: bottom
    })
  );
}

/** A text with the words that were searched for made bold. */
function Marked({
  text,
  words
}: {
  text: string;
  words: readonly string[];
}): JSX.Element {
  const wanted = words.filter(word => word !== '');
  if (!wanted.length) {
    return <>{text}</>;
  }
  const pattern = wanted
    .map(word => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('|');
  const parts = text.split(new RegExp(`(${pattern})`, 'gi'));
  return (
    <>
      {parts.map((part, index) => (index % 2 ? <mark key={index}>{part}</mark> : part))}
    </>
  );
}
