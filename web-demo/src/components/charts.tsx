// Every chart of the page in one look: thin axes, colours from the theme, no animation (what is drawn is finished work).
import { Area, AreaChart, Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';

type Row = Record<string, number | string>;
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const short = (value: unknown) => (typeof value === 'number' ? compact.format(value) : String(value));
const axis = { stroke: 'var(--line-strong)', tick: { fill: 'var(--ink-3)', fontSize: 11 }, tickLine: false } as const;
const tooltip = {
  contentStyle: { background: 'var(--surface)', border: '1px solid var(--line-strong)', borderRadius: 8, fontSize: 12, padding: '6px 10px' },
  labelStyle: { color: 'var(--ink-2)' },
  itemStyle: { color: 'var(--ink)', padding: 0 },
  cursor: { fill: 'var(--ink)', fillOpacity: 0.06 },
  isAnimationActive: false,
} as const;
const still = { isAnimationActive: false } as const;
const margin = { top: 8, right: 4, bottom: 0, left: -12 };

/** One bar for each of many things in order. */
export function Bars({ rows, x, y, unit, colour }: { rows: Row[]; x: string; y: string; unit?: string; colour: string }) {
  return (
    <ResponsiveContainer width="100%" height={112}>
      <BarChart accessibilityLayer={false} data={rows} margin={margin} barCategoryGap={1.5} syncId={x}>
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis dataKey={x} {...axis} interval="preserveStartEnd" minTickGap={24} />
        <YAxis {...axis} axisLine={false} unit={unit} width={56} tickCount={4} />
        <Tooltip {...tooltip} labelFormatter={(label) => `${x} ${label}`} />
        <Bar dataKey={y} unit={unit} fill={colour} radius={[2, 2, 0, 0]} {...still} />
      </BarChart>
    </ResponsiveContainer>
  );
}

export function OverTime({ rows, x, y, unit, colour, format, height = 150 }: {
  rows: Row[]; x: string; y: string; unit: string; colour: string; format(value: number): string; height?: number;
}) {
  return (
    <ResponsiveContainer width="100%" height={height}>
      <AreaChart accessibilityLayer={false} data={rows} margin={margin}>
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis dataKey={x} type="number" domain={['dataMin', 'dataMax']} tickFormatter={format} {...axis} minTickGap={32} />
        <YAxis {...axis} axisLine={false} width={56} tickFormatter={short} />
        <Tooltip {...tooltip} labelFormatter={(label) => format(Number(label))} cursor={{ stroke: 'var(--line-strong)' }} />
        <Area dataKey={y} unit={` ${unit}`} stroke={colour} fill={colour} fillOpacity={0.16} strokeWidth={2} {...still} />
      </AreaChart>
    </ResponsiveContainer>
  );
}

/** Progress as it was reported: it stands still until the next report. */
export function Steps({ rows }: { rows: Row[] }) {
  return (
    <ResponsiveContainer width="100%" height={200}>
      <AreaChart accessibilityLayer={false} data={rows} margin={margin}>
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis dataKey="seconds" type="number" domain={[0, 'dataMax']} unit=" s" {...axis} minTickGap={32} />
        <YAxis {...axis} axisLine={false} width={56} unit="%" domain={[0, 100]} ticks={[0, 25, 50, 75, 100]} />
        <Tooltip {...tooltip} labelFormatter={(label) => `after ${label} s`} cursor={{ stroke: 'var(--line-strong)' }} />
        <Area type="stepAfter" dataKey="percent" unit=" %" stroke="var(--chart-1)" fill="var(--chart-1)" fillOpacity={0.14} strokeWidth={2} {...still} />
      </AreaChart>
    </ResponsiveContainer>
  );
}

export function Ranking({ rows, label, value, colour = 'var(--chart-1)' }: { rows: Row[]; label: string; value: string; colour?: string }) {
  return (
    <ResponsiveContainer width="100%" height={rows.length * 22 + 8}>
      <BarChart accessibilityLayer={false} data={rows} layout="vertical" margin={{ top: 0, right: 44, bottom: 0, left: 0 }} barCategoryGap={5}>
        <XAxis type="number" hide />
        <YAxis type="category" dataKey={label} {...axis} axisLine={false} width={104} interval={0} tick={{ fill: 'var(--ink-2)', fontSize: 12 }} />
        <Tooltip {...tooltip} />
        <Bar dataKey={value} fill={colour} radius={[0, 3, 3, 0]} label={{ position: 'right', fill: 'var(--ink-3)', fontSize: 11, formatter: short }} {...still} />
      </BarChart>
    </ResponsiveContainer>
  );
}

export function Histogram({ rows, x, y }: { rows: Row[]; x: string; y: string }) {
  return (
    <ResponsiveContainer width="100%" height={170}>
      <BarChart accessibilityLayer={false} data={rows} margin={margin} barCategoryGap={2}>
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis dataKey={x} {...axis} interval="equidistantPreserveStart" minTickGap={6} />
        <YAxis {...axis} axisLine={false} width={60} tickFormatter={short} />
        <Tooltip {...tooltip} />
        <Bar dataKey={y} fill="var(--chart-3)" radius={[3, 3, 0, 0]} {...still} />
      </BarChart>
    </ResponsiveContainer>
  );
}
