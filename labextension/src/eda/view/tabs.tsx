/**
 * Tabs within a tab.
 */
import React, { useRef } from 'react';

/** One section that can be shown. */
export interface ITab {
  id: string;
  label: string;
  /** A quiet number beside the label. */
  count?: string;
}

/** The row of tabs: one has the focus, the arrow keys go to the others. */
export function Tabs(props: {
  tabs: readonly ITab[];
  shown: string;
  label: string;
  /** The beginning of the ids of tabs and of what they show. */
  id: string;
  onShow: (id: string) => void;
}): JSX.Element {
  const { tabs, shown, label, id, onShow } = props;
  const list = useRef<HTMLDivElement>(null);
  const go = (to: number): void => {
    const next = tabs[(to + tabs.length) % tabs.length];
    onShow(next.id);
    list.current
      ?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)
      ?.focus({ preventScroll: false });
  };
  const onKeyDown = (event: React.KeyboardEvent<HTMLElement>): void => {
    const current = tabs.findIndex(tab => tab.id === shown);
    const to = targetOf(event, current, tabs.length);
    if (to !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      go(to);
    }
  };
  return (
    <div
      ref={list}
      className="orrery-eda-view-tabs"
      role="tablist"
      aria-label={label}
      onKeyDown={onKeyDown}
    >
      {tabs.map(tab => (
        <button
          key={tab.id}
          type="button"
          role="tab"
          id={`${id}-tab-${tab.id}`}
          data-tab={tab.id}
          aria-selected={tab.id === shown}
          aria-controls={tab.id === shown ? `${id}-panel` : undefined}
          tabIndex={tab.id === shown ? 0 : -1}
          onClick={() => onShow(tab.id)}
        >
          {tab.label}
          {tab.count && <span className="orrery-eda-view-count">{tab.count}</span>}
        </button>
      ))}
    </div>
  );
}

/** The index of the tab that a key leads to. */
function targetOf(
  { key, currentTarget }: React.KeyboardEvent<HTMLElement>,
  current: number,
  count: number
): number | undefined {
  const forward = getComputedStyle(currentTarget).direction === 'rtl' ? -1 : 1;
  const targets: Record<string, number | undefined> = {
    ArrowRight: current + forward,
    ArrowLeft: current - forward,
    Home: 0,
    End: count - 1
  };
  return targets[key];
}
