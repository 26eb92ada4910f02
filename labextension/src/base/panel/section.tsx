/**
 * A part of a panel with a heading that collapses it.
 */
import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import React, { useId } from 'react';

import { useSignal } from '../hooks';
import { usePanel } from './context';

export interface ISectionProps {
  /** Names the section in the lab's state. */
  id: string;
  title: string;
  /** Number of items; null while it is not known. */
  count?: number | null;
  /** Buttons at the end of the heading. */
  actions?: React.ReactNode;
  children: React.ReactNode;
}

/** A section; what is in it is not drawn while it is collapsed. */
export function Section(props: ISectionProps): JSX.Element {
  const { sections } = usePanel();
  useSignal(sections.changed);
  const isOpen = sections.isOpen(props.id);
  const id = useId();
  const Caret = isOpen ? caretDownIcon : caretRightIcon;
  return (
    <section className="orrery-section" data-open={isOpen} data-section={props.id}>
      <div className="orrery-section-head">
        <h3>
          <button
            type="button"
            aria-expanded={isOpen}
            aria-controls={id}
            title={props.title}
            onClick={() => sections.toggle(props.id)}
          >
            <Caret.react tag="span" />
            <span className="orrery-section-title">{props.title}</span>
            {typeof props.count === 'number' && (
              <span className="orrery-count">{props.count.toLocaleString()}</span>
            )}
          </button>
        </h3>
        {props.actions}
      </div>
      <div id={id} className="orrery-section-body" hidden={!isOpen}>
        {isOpen && props.children}
      </div>
    </section>
  );
}
