/**
 * The fields of a form that say how text or a workbook is read.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId, useState } from 'react';

import { Field, Select, TextField } from '../base/controls';
import {
  choiceOf,
  fieldsOf,
  wordsOf,
  type IReading,
  type IReadingChoice,
  type ReadingField,
  type ReadingKind,
  type ReadingWords
} from './readingoptions';

const SIGNS = [',', ';', 'tab', '|', 'blank'];
const ENCODINGS = [
  'utf-8',
  'windows-1252',
  'utf-16',
  'shift_jis',
  'gb18030',
  'windows-1251'
];

export interface IReadingFieldsProps {
  trans: TranslationBundle;
  kind: ReadingKind;
  /** What the person chose before. */
  chosen: IReading;
  /** How it was read, as far as that is known. */
  assumed: IReading;
  /** Whether the fields are in sight at once. */
  isOpen: boolean;
  onChange: (choice: IReadingChoice) => void;
}

/** The options, filled with what was chosen or else with what was found out. */
export function ReadingFields(props: IReadingFieldsProps): JSX.Element {
  const { trans, kind, chosen, assumed, onChange } = props;
  const [words, setWords] = useState(() => wordsOf(chosen, assumed));
  const [touched, setTouched] = useState<ReadonlySet<ReadingField>>(new Set());
  const { problems } = choiceOf(words, touched, chosen, trans);
  const change = (field: ReadingField, text: string): void => {
    const next = { ...words, [field]: text };
    const fields = new Set([...touched, field]);
    setWords(next);
    setTouched(fields);
    onChange(choiceOf(next, fields, chosen, trans));
  };
  return (
    <details className="orrery-eda-reading" open={props.isOpen}>
      <summary>{trans.__('How it is read')}</summary>
      <p className="orrery-quiet">
        {assumed.reading || assumed.sheet
          ? trans.__(
              'The fields show how it was read. What you leave as it is, is found out anew; so is what you empty.'
            )
          : trans.__('What you leave empty is found out from the data.')}
      </p>
      <div className="orrery-eda-reading-fields">
        {fieldsOf(kind).map(field => (
          <OptionField
            key={field}
            field={field}
            trans={trans}
            words={words}
            problem={problems[field]}
            onChange={text => change(field, text)}
          />
        ))}
      </div>
    </details>
  );
}

interface IOptionFieldProps {
  field: ReadingField;
  trans: TranslationBundle;
  words: ReadingWords;
  problem?: string;
  onChange: (text: string) => void;
}

function OptionField(props: IOptionFieldProps): JSX.Element {
  const { field, trans, words, problem, onChange } = props;
  const list = useId();
  if (field === 'day_first') {
    const orders: [string, string][] = [
      ['', trans.__('Found out')],
      ['yes', trans.__('The day first')],
      ['no', trans.__('The month first')]
    ];
    return (
      <Field label={trans.__('Dates such as 03/04/2024')}>
        {id => (
          <Select id={id} value={words[field]} options={orders} onChange={onChange} />
        )}
      </Field>
    );
  }
  if (field === 'date_order') {
    const orders: [string, string][] = [
      ['', trans.__('Found out')],
      ['dmy', trans.__('Day, month, year')],
      ['mdy', trans.__('Month, day, year')],
      ['ymd', trans.__('Year, month, day')],
      ['ydm', trans.__('Year, day, month')]
    ];
    return (
      <Field label={trans.__('Dates such as 03-04-05')}>
        {id => (
          <Select id={id} value={words[field]} options={orders} onChange={onChange} />
        )}
      </Field>
    );
  }
  const suggestions =
    field === 'delimiter' ? SIGNS : field === 'encoding' ? ENCODINGS : [];
  const { label, hint } = labelsOf(trans)[field];
  return (
    <>
      <TextField
        type="text"
        spellCheck={false}
        name={field}
        label={label}
        hint={hint}
        problem={problem}
        list={suggestions.length ? list : undefined}
        placeholder={trans.__('Found out')}
        value={words[field]}
        onChange={event => onChange(event.currentTarget.value)}
      />
      {suggestions.length > 0 && (
        <datalist id={list}>
          {suggestions.map(item => (
            <option key={item} value={item} />
          ))}
        </datalist>
      )}
    </>
  );
}

function labelsOf(
  trans: TranslationBundle
): Record<
  Exclude<ReadingField, 'day_first' | 'date_order'>,
  { label: string; hint?: string }
> {
  return {
    delimiter: {
      label: trans.__('Delimiter'),
      hint: trans.__('A sign, tab, or blank for any number of blanks.')
    },
    encoding: { label: trans.__('Encoding') },
    decimal: { label: trans.__('Decimal sign') },
    thousands: {
      label: trans.__('Sign between thousands'),
      hint: trans.__('none if there is none.')
    },
    skip: { label: trans.__('Lines before the table') },
    header: {
      label: trans.__('Line of the names'),
      hint: trans.__(
        'Counted from 1 below the lines before the table; none if there are no names.'
      )
    },
    comment: {
      label: trans.__('Comments begin with'),
      hint: trans.__('none if no line is left out.')
    },
    quote: { label: trans.__('Quote'), hint: trans.__('none if there are no quotes.') },
    escape: {
      label: trans.__('Escape'),
      hint: trans.__('none if a quote in a field is doubled.')
    },
    na: {
      label: trans.__('Texts for a missing value'),
      hint: trans.__('With commas between them; none for no text.')
    },
    sheet: { label: trans.__('Sheet') }
  };
}
