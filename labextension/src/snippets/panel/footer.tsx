/**
 * The foot of the panel: what the kernel lacks, notices of the server, and the count.
 */
import { closeIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { IconButton } from '../../base/controls';
import { useSignal } from '../../base/hooks';
import { StatusLine } from '../../base/panel/statusline';
import { useSnippets } from '../context';
import type { SnippetsModel } from '../model';
import { MissingModules } from './preview';

/** What the person should know of the list. */
export function Footer(): JSX.Element {
  const { model, requirements, selection, trans } = useSnippets();
  useSignal(model.changed);
  useSignal(requirements.changed);
  const { hint } = requirements;
  return (
    <div className="orrery-footer">
      {hint && (
        <MissingModules modules={hint.modules}>
          <IconButton
            icon={closeIcon}
            label={trans.__('Dismiss')}
            onClick={() => requirements.dismiss()}
          />
        </MissingModules>
      )}
      {model.notices.map(({ level, message, remedy }) => (
        <div key={message} className="orrery-notice" data-level={level} title={remedy}>
          {message}
        </div>
      ))}
      <StatusLine model={model} selection={selection} facts={[countOf(model, trans)]} />
    </div>
  );
}

function countOf(model: SnippetsModel, trans: TranslationBundle): string {
  if (model.total === 0 && model.state !== 'ready') {
    return '';
  }
  const total = model.exactCount.toLocaleString();
  return model.filtered
    ? trans.__('%1 of %2', total, model.overall.toLocaleString())
    : trans
        ._n('%1 snippet', '%1 snippets', model.exactCount)
        .replace(String(model.exactCount), total);
}
