/** Bars, longest first; ECharts is loaded with the first report one opens. */
import { BarChart } from "echarts/charts";
import { AriaComponent, GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { useLook } from "../app/theme";
import { asNumber } from "../i18n/format";

use([BarChart, GridComponent, TooltipComponent, AriaComponent, SVGRenderer]);

export type Bar = { label: string; value: number };

export default function Chart({
  bars,
  title,
  onChoose,
}: {
  bars: Bar[];
  title: string;
  onChoose: (at: number) => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const look = useLook();
  useEffect(() => {
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const chart = init(place.current!, null, { renderer: "svg" });
    chart.setOption({
      animation: false,
      aria: { enabled: true, label: { description: title } },
      grid: { left: 8, right: 64, top: 8, bottom: 8, containLabel: true },
      tooltip: {
        trigger: "item",
        backgroundColor: colour("panel"),
        borderColor: colour("line"),
        textStyle: { color: colour("ink") },
      },
      xAxis: { type: "value", axisLabel: { show: false }, splitLine: { show: false } },
      yAxis: {
        type: "category",
        inverse: true,
        data: bars.map((bar) => bar.label),
        axisTick: { show: false },
        axisLine: { lineStyle: { color: colour("line") } },
        axisLabel: { color: colour("ink"), width: 150, overflow: "truncate" },
      },
      series: [
        {
          type: "bar",
          data: bars.map((bar) => bar.value),
          barMaxWidth: 22,
          itemStyle: { color: look === "dark" ? "#3c7be0" : "#2f6fdc", borderRadius: [0, 4, 4, 0] },
          label: {
            show: true,
            position: "right",
            color: colour("muted"),
            formatter: ({ value }: { value: unknown }) => asNumber(value as number),
          },
        },
      ],
    });
    chart.on("click", ({ dataIndex }) => onChoose(dataIndex));
    const fit = new ResizeObserver(() => chart.resize());
    fit.observe(place.current!);
    return () => {
      fit.disconnect();
      chart.dispose();
    };
  }, [bars, title, look, onChoose]);
  return <div ref={place} className="chart" style={{ height: Math.max(160, bars.length * 32 + 24) }} />;
}
