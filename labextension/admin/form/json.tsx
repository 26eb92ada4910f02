/**
 * A part of a form as JSON, for what has no fields of its own.
 */
import React, { useState } from 'react';

import { Line, type IField } from './fields';
import { useForm } from './model';

export function JsonLine(props: IField): JSX.Element {
  const form = useForm();
  const [text, setText] = useState(() =>
    JSON.stringify(form.get(props.path) ?? [], null, 1)
  );
  const [problem, setProblem] = useState('');
  const change = (next: string) => {
    setText(next);
    try {
      form.set(props.path, next.trim() ? (JSON.parse(next) as unknown) : []);
      setProblem('');
    } catch (cause) {
      // The service refuses a text where a list should be: nothing half typed is saved.
      form.set(props.path, next);
      setProblem(cause instanceof Error ? cause.message : String(cause));
    }
  };
  return (
    <Line {...props}>
      {field => (
        <>
          <textarea
            {...field}
            aria-invalid={problem !== '' || field['aria-invalid']}
            className="orrery-admin-input"
            data-code
            rows={4}
            spellCheck={false}
            value={text}
            onChange={event => change(event.currentTarget.value)}
          />
          {problem && <span className="orrery-problem">{problem}</span>}
        </>
      )}
    </Line>
  );
}
