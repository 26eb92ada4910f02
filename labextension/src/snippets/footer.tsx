/**
 * The line at the foot of the panel: how many, how it is, and what the person should know.
 */
import { closeIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { useChanges } from '../base/hooks';
import { sentence } from '../base/notify';
import { IconButton } from '../base/controls';
import { useScreen } from './hooks';
import { MissingLine } from './preview';

/** Notices, what the kernel lacks, and the count. */
export function Footer(): JSX.Element {
  const { bench } = useScreen();
  const { model, requirements, selection, trans } = bench;
  useChanges(model.changed);
  useChanges(requirements.changed);
  useChanges(selection.changed);
  const { hint } = requirements;
  const shown = model.total > 0 || model.state === 'ready';
  return (
    <div className="orrery-snippets-footer">
      {hint && (
        <MissingLine modules={hint.modules}>
          <IconButton
            icon={closeIcon}
            label={trans.__('Dismiss')}
            onClick={() => requirements.dismiss()}
          />
        </MissingLine>
      )}
      {model.notices.map(({ level, message, remedy }) => (
        <div
          key={message}
          className="orrery-snippets-notice"
          data-level={level}
          title={remedy}
        >
          {message}
        </div>
      ))}
      <div className="orrery-snippets-state">
        <span role="status">
          {shown && counted()}
          {selection.ids.length > 1 &&
            ` · ${trans.__('%1 selected', selection.ids.length)}`}
        </span>
        <span className="orrery-grow" />
        {model.state === 'loading' && (
          <span className="orrery-quiet">{trans.__('Loading…')}</span>
        )}
        {model.state === 'failed' && model.total > 0 && (
          <>
            <span className="orrery-offline" title={sentence(model.error, trans)}>
              {model.offline ? trans.__('Offline') : trans.__('Not up to date')}
            </span>
            <button className="orrery-link" onClick={() => void model.refresh()}>
              {trans.__('Try again')}
            </button>
          </>
        )}
      </div>
    </div>
  );

  function counted(): string {
    const total = model.total.toLocaleString();
    return model.filtered
      ? trans.__('%1 of %2', total, model.overall.toLocaleString())
      : trans
          ._n('%1 snippet', '%1 snippets', model.total)
          .replace(String(model.total), total);
  }
}
