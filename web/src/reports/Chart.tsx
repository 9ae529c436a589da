/** A drawing as ECharts shows it; it is loaded with the first report one opens. The table beside it says the same. */
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { type ECharts, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { type Look, useLook } from "../app/theme";
import type { Drawing, Series } from "./drawing";
import { valueSaid } from "./drawing";

use([BarChart, LineChart, PieChart]);
use([GridComponent, LegendComponent, TooltipComponent, AriaComponent, SVGRenderer]);

const COLOURS: Record<Look, string[]> = {
  light: ["#2f6fdc", "#1a7f37", "#b35c00", "#8250df", "#c4314b", "#0e7490", "#6b7686"],
  dark: ["#5b95f5", "#4cc38a", "#e2a03f", "#b392f0", "#ff8f85", "#4fb8cc", "#8996a7"],
};
const ROW = 30;

type Props = { drawing: Drawing; title: string; onChoose?: (to: string) => void };

export default function Chart({ drawing, title, onChoose }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const look = useLook();
  useEffect(() => {
    const chart = init(place.current!, null, { renderer: "svg" });
    chart.setOption(optionOf(drawing, title, look));
    if (onChoose) listen(chart, drawing, onChoose);
    const fit = new ResizeObserver(() => chart.resize());
    fit.observe(place.current!);
    return () => {
      fit.disconnect();
      chart.dispose();
    };
  }, [drawing, title, look, onChoose]);
  return <div ref={place} className="chart" style={{ height: heightOf(drawing) }} />;
}

function listen(chart: ECharts, drawing: Drawing, onChoose: (to: string) => void): void {
  chart.on("click", ({ seriesIndex, dataIndex }) => {
    const one = drawing.form === "funnel" ? 0 : (seriesIndex ?? 0);
    const to = drawing.series[one]?.to[dataIndex];
    if (to) onChoose(to);
  });
}

function heightOf({ form, labels, series }: Drawing): number {
  if (form === "lines" || form === "pie") return 320;
  const each = ROW + (series.length - 1) * 12;
  return Math.max(160, labels.length * each + (series.length > 1 ? 60 : 24));
}

function optionOf(drawing: Drawing, title: string, look: Look) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const { form, series } = drawing;
  const hasLegend = series.length > 1 || form === "pie";
  return {
    animation: false,
    color: COLOURS[look],
    aria: { enabled: true, label: { description: title } },
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    tooltip: {
      trigger: form === "lines" ? "axis" : "item",
      backgroundColor: colour("panel"),
      borderColor: colour("line"),
      textStyle: { color: colour("ink") },
      confine: true,
    },
    ...(hasLegend
      ? { legend: { type: "plain", bottom: 0, icon: "roundRect", itemHeight: 8, textStyle: { color: colour("ink") } } }
      : {}),
    ...(form === "pie" ? {} : axesOf(drawing, colour, hasLegend)),
    series:
      form === "pie"
        ? [partsOf(drawing, colour)]
        : form === "funnel"
          ? funnelOf(drawing, colour)
          : series.map((one) => lineOf(drawing, one, colour)),
  };
}

type Colour = (name: string) => string;

function axesOf({ form, labels, series }: Drawing, colour: Colour, hasLegend: boolean) {
  const names = {
    type: "category",
    data: labels,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: colour("line") } },
  };
  const values = {
    type: "value",
    ...(series.every(({ kind }) => kind === "count") ? { minInterval: 1 } : {}),
    axisLabel: {
      show: form === "lines",
      color: colour("muted"),
      formatter: (value: number) => short(series[0], value),
    },
    splitLine: { show: form === "lines", lineStyle: { color: colour("line") } },
  };
  const bottom = hasLegend ? 36 : 8;
  if (form === "lines")
    return {
      grid: { left: 8, right: 40, top: 16, bottom, containLabel: true },
      xAxis: { ...names, boundaryGap: false, axisLabel: { color: colour("muted"), hideOverlap: true } },
      yAxis: values,
    };
  return {
    grid: { left: 8, right: 96, top: 8, bottom, containLabel: true },
    xAxis: values,
    yAxis: { ...names, inverse: true, axisLabel: { color: colour("ink"), width: 150, overflow: "truncate" } },
  };
}

/** On an axis nobody needs cents. */
function short(series: Series | undefined, value: number): string {
  const said = series ? valueSaid(series, value) : `${value}`;
  return said.replace(/\.00$/, "");
}

function lineOf({ form, series: all }: Drawing, series: Series, colour: Colour) {
  // Beside other bars a nought is only in the way.
  const isNothing = (value: unknown) => value === undefined || (all.length > 1 && !value);
  const say = (value: unknown) => valueSaid(series, value as number | null);
  const common = { name: series.name, data: series.values, tooltip: { valueFormatter: say } };
  if (form === "lines")
    return {
      ...common,
      type: "line",
      symbol: "circle",
      symbolSize: 7,
      // The month that goes on is no part of what is to be expected.
      connectNulls: Boolean(series.isDashed),
      lineStyle: { width: 2, type: series.isDashed ? "dashed" : "solid" },
    };
  return {
    ...common,
    type: "bar",
    barMaxWidth: 20,
    itemStyle: { borderRadius: [0, 4, 4, 0] },
    label: {
      show: true,
      position: "right",
      color: colour("muted"),
      formatter: ({ value }: { value: unknown }) => (isNothing(value) ? "" : say(value)),
    },
  };
}

function partsOf({ labels, series }: Drawing, colour: Colour) {
  const one = series[0]!;
  return {
    type: "pie",
    name: one.name,
    data: labels.map((name, at) => ({ name, value: one.values[at] ?? 0 })),
    tooltip: { valueFormatter: (value: unknown) => valueSaid(one, value as number) },
    // The legend below has room for names of any length, beside the ring they would be cut.
    radius: ["38%", "60%"],
    center: ["50%", "42%"],
    itemStyle: { borderColor: colour("panel"), borderWidth: 2 },
    label: { color: colour("ink"), formatter: "{d}%" },
  };
}

/** Bars around one middle: what leaves from stage to stage is missing on both sides. */
function funnelOf({ series }: Drawing, colour: Colour) {
  const one = series[0]!;
  const values = one.values.map((value) => value ?? 0);
  const most = Math.max(...values);
  const say = (value: unknown) => valueSaid(one, value as number);
  const common = { type: "bar", stack: "funnel", barWidth: "76%" };
  return [
    {
      ...common,
      data: values.map((value) => (most - value) / 2),
      silent: true,
      itemStyle: { color: "transparent" },
      tooltip: { show: false },
    },
    {
      ...common,
      name: one.name,
      data: values,
      itemStyle: { color: colour("accent"), borderRadius: 3 },
      tooltip: { valueFormatter: say },
      label: {
        show: true,
        position: "right",
        color: colour("ink"),
        formatter: ({ value }: { value: unknown }) => say(value),
      },
    },
  ];
}
