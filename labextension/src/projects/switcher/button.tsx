/**
 * The top bar's button that names the current project.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { caretDownEmptyThinIcon, ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import { useSignal } from '../../base/hooks';
import { offlineIcon, projectIcon } from '../../base/icons';
import { sentence } from '../../base/notify';
import type { IProjects } from '../tokens';

export interface ISwitcherOptions {
  projects: IProjects;
  trans: TranslationBundle;
  onClick: () => void;
}

/** The button; what it opens is loaded when it is first pressed. */
export class ProjectSwitcher extends ReactWidget {
  constructor(options: ISwitcherOptions) {
    super();
    this._options = options;
    this.id = 'orrery-project-switcher';
    this.addClass('orrery-project-switcher');
  }

  protected override render(): JSX.Element {
    return <SwitcherButton {...this._options} />;
  }

  private readonly _options: ISwitcherOptions;
}

function SwitcherButton({ onClick, projects, trans }: ISwitcherOptions): JSX.Element {
  useSignal(projects.changed);
  const { error, state } = projects;
  const failed = state === 'failed';
  const Icon = failed ? offlineIcon : projectIcon;
  return (
    <button
      aria-busy={state === 'loading'}
      aria-expanded="false"
      aria-haspopup="dialog"
      className="orrery-project-switcher-button"
      onClick={onClick}
      title={failed ? sentence(error, trans) : trans.__('Switch project')}
      type="button"
    >
      <Icon.react tag="span" className="orrery-project-switcher-icon" />
      <span className="orrery-hidden">{trans.__('Project:')} </span>
      <span className="orrery-project-switcher-name">{nameOf(projects, trans)}</span>
      <caretDownEmptyThinIcon.react
        tag="span"
        className="orrery-project-switcher-caret"
      />
    </button>
  );
}

function nameOf({ current, state }: IProjects, trans: TranslationBundle): string {
  if (current) {
    return current.name;
  }
  if (state === 'failed') {
    return trans.__('Unknown');
  }
  return state === 'ready' ? trans.__('No project') : trans.__('Loading…');
}
