/**
 * What stands in the place of the list when there is none: why, and the one thing to do.
 */
import React from 'react';

import { Message } from '../base/nothing';
import { sentence } from '../base/notify';
import { CommandIDs } from './commands';
import { useScreen } from './hooks';
import { snippetsIcon } from './icons';
import type { SnippetsModel } from './model';

const SKELETON_ROWS = 8;

/** Whether there is no row to show. */
export function hasNothing(model: SnippetsModel): boolean {
  return model.total === 0;
}

/** Loading, failed, empty, or nothing that fits. */
export function Nothing(): JSX.Element {
  const { bench, commands } = useScreen();
  const { model, trans } = bench;
  if (model.state === 'failed') {
    return (
      <Message
        icon={snippetsIcon}
        title={trans.__('The snippets could not be loaded')}
        text={sentence(model.error, trans)}
        action={trans.__('Try again')}
        onAction={() => void model.refresh()}
        alert
      />
    );
  }
  if (model.state !== 'ready') {
    return (
      <div
        className="orrery-snippets-list"
        aria-busy="true"
        aria-label={trans.__('Loading')}
      >
        {Array.from({ length: SKELETON_ROWS }, (_, index) => (
          <div key={index} className="orrery-snippets-line orrery-mod-loading">
            <span className="orrery-skeleton" />
          </div>
        ))}
      </div>
    );
  }
  if (model.filtered) {
    return (
      <Message
        icon={snippetsIcon}
        title={trans.__('No snippet matches')}
        text={trans.__('Fewer words or filters may find it.')}
        action={trans.__('Show all')}
        onAction={() => model.clear()}
      />
    );
  }
  return (
    <Message
      icon={snippetsIcon}
      title={trans.__('No snippets yet')}
      text={trans.__('Drag cells here, save a selection, or write one.')}
      action={commands.label(CommandIDs.new)}
      onAction={() => void commands.execute(CommandIDs.new)}
    />
  );
}
