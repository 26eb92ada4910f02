/**
 * Fields that are drawn from a JSON schema, as the server describes what it takes.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { Field, Select, TextField } from './controls';

/** What a field may hold. */
export type FieldValue = string | number | boolean;

/** A property of a schema, as far as a form shows it. */
export interface IFieldSchema {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly writeOnly?: boolean;
}

/** The schema of an object with plain fields. */
export interface IObjectSchema {
  readonly properties?: Readonly<Record<string, IFieldSchema>>;
  readonly required?: readonly string[];
}

export interface ISchemaFieldsProps {
  schema: IObjectSchema;
  values: Readonly<Record<string, FieldValue | undefined>>;
  /** Names of secret fields that have a value already, which nobody sees. */
  stored?: readonly string[];
  /** Whether what is wrong is shown. */
  isChecked: boolean;
  trans: TranslationBundle;
  onChange: (name: string, value: FieldValue | undefined) => void;
}

/** One field for each property, in the order of the schema. */
export function SchemaFields(props: ISchemaFieldsProps): JSX.Element {
  const { schema, values, stored = [], trans } = props;
  return (
    <>
      {Object.entries(schema.properties ?? {}).map(([name, field]) => {
        const isStored = stored.includes(name);
        const isRequired = (schema.required ?? []).includes(name) && !isStored;
        const problem = props.isChecked
          ? problemOf(field, values[name], isRequired, trans)
          : '';
        return (
          <SchemaField
            key={name}
            name={name}
            field={field}
            value={values[name]}
            isStored={isStored}
            isRequired={isRequired}
            problem={problem}
            trans={trans}
            onChange={value => props.onChange(name, value)}
          />
        );
      })}
    </>
  );
}

interface ISchemaFieldProps {
  name: string;
  field: IFieldSchema;
  value: FieldValue | undefined;
  isStored: boolean;
  isRequired: boolean;
  problem: string;
  trans: TranslationBundle;
  onChange: (value: FieldValue | undefined) => void;
}

function SchemaField(props: ISchemaFieldProps): JSX.Element {
  const { name, field, value, trans, onChange, isRequired } = props;
  const label = field.title ?? name;
  if (field.type === 'boolean') {
    return (
      <label className="orrery-tick">
        <input
          type="checkbox"
          name={name}
          checked={Boolean(value ?? field.default)}
          onChange={event => onChange(event.currentTarget.checked)}
        />
        <span>{label}</span>
      </label>
    );
  }
  if (field.enum) {
    return (
      <Field label={label} hint={field.description}>
        {id => (
          <Select
            id={id}
            value={textOf(value ?? field.default)}
            options={field.enum!.map(option => [option, option] as const)}
            onChange={onChange}
          />
        )}
      </Field>
    );
  }
  const isNumber = field.type === 'integer' || field.type === 'number';
  const preset = textOf(field.default);
  return (
    <TextField
      name={name}
      label={isRequired ? label : trans.__('%1 (optional)', label)}
      hint={field.description}
      problem={props.problem}
      type={field.writeOnly ? 'password' : isNumber ? 'number' : 'text'}
      autoComplete={field.writeOnly ? 'new-password' : 'off'}
      spellCheck={false}
      placeholder={props.isStored ? trans.__('Stored; type to replace it') : preset}
      min={field.minimum}
      max={field.maximum}
      value={value === undefined ? '' : String(value)}
      onChange={event => {
        const { value: text } = event.currentTarget;
        onChange(text === '' ? undefined : isNumber ? Number(text) : text);
      }}
    />
  );
}

/** A value as a text field has it; empty for what is none. */
function textOf(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : '';
}

/** The name of the first field that cannot be sent as it is. */
export function firstProblem({
  schema,
  values,
  stored = [],
  trans
}: Omit<ISchemaFieldsProps, 'isChecked' | 'onChange'>): string | undefined {
  return Object.entries(schema.properties ?? {}).find(([name, field]) => {
    const isRequired = (schema.required ?? []).includes(name) && !stored.includes(name);
    return problemOf(field, values[name], isRequired, trans) !== '';
  })?.[0];
}

function problemOf(
  field: IFieldSchema,
  value: FieldValue | undefined,
  isRequired: boolean,
  trans: TranslationBundle
): string {
  if (value === undefined || value === '') {
    return isRequired ? trans.__('It is needed.') : '';
  }
  if (typeof value === 'number') {
    const { minimum = -Infinity, maximum = Infinity } = field;
    return value >= minimum && value <= maximum
      ? ''
      : trans.__('It is not between %1 and %2.', minimum, maximum);
  }
  if (typeof value === 'string' && field.pattern && !matches(field.pattern, value)) {
    return trans.__('It holds what cannot be in it.');
  }
  return '';
}

function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    // The server checks it with its own engine.
    return true;
  }
}
