import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { alertRules } from '../../infra/grafana/alerting/rules.ts';
import { alertingFile, alertingJson } from '../../infra/grafana/build.ts';

const rules = alertRules('some-influxdb');

test('the committed file is what the code builds', async () => {
  expect(await readFile(alertingFile, 'utf8'), 'npm run build writes it').toBe(alertingJson());
});

test('rules have names that Grafana takes, and say what is wrong and where to look', () => {
  expect(new Set(rules.map(({ uid }) => uid)).size).toBe(rules.length);
  for (const { uid, annotations } of rules) {
    expect(uid).toMatch(/^[\w-]{1,40}$/);
    expect(annotations.summary.length, uid).toBeGreaterThan(20);
    expect(annotations.description.length, uid).toBeGreaterThan(40);
    // In its files Grafana puts a variable of its environment there: nothing.
    expect(JSON.stringify(annotations), uid).not.toContain('$');
  }
});

test('rules ask the InfluxDB that is named, and conditions ask for what there is', () => {
  for (const { data, condition, title } of rules) {
    const refIds = data.map(({ refId }) => refId);
    expect(refIds, title).toContain(condition);
    for (const { datasourceUid, model } of data) {
      const { query, expression } = model;
      expect(datasourceUid, title).toBe(query === undefined ? '__expr__' : 'some-influxdb');
      const asked = typeof expression === 'string' ? (expression.match(/Query[A-Z]|(?<=\$)[A-Z]/g) ?? []) : [];
      expect(asked.filter((refId) => !refIds.includes(refId))).toEqual([]);
    }
  }
});
