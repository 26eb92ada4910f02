/**
 * The line at the foot of a panel: how many, how many selected, and whether that is up to date.
 */
import type { ISignal } from '@lumino/signaling';
import React from 'react';

import { useSignal } from '../hooks';
import { sentence } from '../notify';
import { usePanel } from './context';
import type { IListStatus } from './listsource';

export interface IStatusLineProps {
  model: IListStatus;
  selection: {
    readonly changed: ISignal<unknown, void>;
    readonly keys: readonly string[];
  };
  /** Facts about the list, such as "12 snippets"; empty ones are left out. */
  facts: readonly string[];
  /** Buttons and links in the line. */
  children?: React.ReactNode;
}

/** The facts, and a way to try again when the server did not answer. */
export function StatusLine(props: IStatusLineProps): JSX.Element {
  const { model, selection, facts } = props;
  const { trans } = usePanel();
  useSignal(model.changed);
  useSignal(selection.changed);
  const count = selection.keys.length;
  const selected = count > 1 ? trans.__('%1 selected', count.toLocaleString()) : '';
  return (
    <div className="orrery-status">
      <span role="status">{[...facts, selected].filter(Boolean).join(' · ')}</span>
      {props.children}
      <span className="orrery-grow" />
      {model.state === 'loading' && <span>{trans.__('Loading…')}</span>}
      {model.state === 'failed' && model.total > 0 && (
        <>
          <span className="orrery-offline" title={sentence(model.error, trans)}>
            {model.offline ? trans.__('Offline') : trans.__('Not up to date')}
          </span>
          <button
            type="button"
            className="orrery-link"
            onClick={() => void model.refresh()}
          >
            {trans.__('Try again')}
          </button>
        </>
      )}
    </div>
  );
}
