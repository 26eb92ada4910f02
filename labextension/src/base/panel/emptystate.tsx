/**
 * What stands in the place of rows: loading, failed, empty, or nothing that matches.
 */
import type { LabIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { Button } from '../controls';
import { useSignal } from '../hooks';
import { sentence } from '../notify';
import { usePanel } from './context';
import type { IListStatus } from './listsource';

const SKELETON_ROWS = 8;

/** Something to do next. */
export interface INextStep {
  label: string;
  run: () => void;
}

export interface IEmptyStateProps {
  icon?: LabIcon;
  title?: string;
  /** What this is, and how the first item comes to be. */
  text: string;
  /** The first things to do; the first one is the button that stands out. */
  steps?: readonly INextStep[];
  /** Whether screen readers say it at once. */
  alert?: boolean;
  /** Two lines for a section, instead of a whole panel's height. */
  compact?: boolean;
}

/** Why there is nothing to see, and what to do about it. */
export function EmptyState(props: IEmptyStateProps): JSX.Element {
  const { icon: Icon, steps = [], compact } = props;
  return (
    <div
      className={`orrery-empty${compact ? ' orrery-mod-compact' : ''}`}
      role={props.alert ? 'alert' : undefined}
    >
      {Icon && !compact && <Icon.react tag="span" className="orrery-empty-icon" />}
      {props.title && <h3>{props.title}</h3>}
      <p>{props.text}</p>
      {steps.map(({ label, run }, index) =>
        compact ? (
          <button key={label} type="button" className="orrery-link" onClick={run}>
            {label}
          </button>
        ) : (
          <Button key={label} look={index === 0 ? 'accept' : undefined} onClick={run}>
            {label}
          </Button>
        )
      )}
    </div>
  );
}

/** The shape of rows that are on their way. */
export function Skeleton({ rows = SKELETON_ROWS }: { rows?: number }): JSX.Element {
  const { trans } = usePanel();
  return (
    <div role="status" aria-label={trans.__('Loading')}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="orrery-row-line">
          <span className="orrery-skeleton" />
        </div>
      ))}
    </div>
  );
}

/** The rows of a model, or what stands in their place. */
export function ListBody(props: {
  model: IListStatus;
  icon?: LabIcon;
  /** Title when the list could not be loaded. */
  failedTitle: string;
  /** Title when the filters leave nothing. */
  noMatchTitle: string;
  /** Shown in the place of that when the filters name a part of the list that has nothing yet. */
  noneYet?: Omit<IEmptyStateProps, 'icon' | 'compact'> | null;
  /** Shown when there is nothing at all. */
  empty: Omit<IEmptyStateProps, 'icon' | 'compact'>;
  compact?: boolean;
  children: React.ReactNode;
}): JSX.Element {
  const { model, icon, compact } = props;
  const { trans } = usePanel();
  useSignal(model.changed);
  if (model.total > 0) {
    return <>{props.children}</>;
  }
  if (model.state === 'failed') {
    return (
      <EmptyState
        icon={icon}
        compact={compact}
        title={props.failedTitle}
        text={sentence(model.error, trans)}
        steps={[{ label: trans.__('Try again'), run: () => void model.refresh() }]}
        alert
      />
    );
  }
  if (model.state !== 'ready') {
    return <Skeleton rows={compact ? 3 : undefined} />;
  }
  if (model.filtered && props.noneYet) {
    return <EmptyState {...props.noneYet} icon={icon} compact={compact} />;
  }
  if (model.filtered) {
    return (
      <EmptyState
        icon={icon}
        compact={compact}
        title={props.noMatchTitle}
        text={trans.__('Fewer words or filters may find it.')}
        steps={[{ label: trans.__('Show all'), run: () => model.clearFilters() }]}
      />
    );
  }
  return <EmptyState {...props.empty} icon={icon} compact={compact} />;
}
