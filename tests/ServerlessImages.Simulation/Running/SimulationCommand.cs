using System.Globalization;
using ServerlessImages.Simulation.Plants;
using ServerlessImages.Simulation.World;
using Stopwatch = System.Diagnostics.Stopwatch;

namespace ServerlessImages.Simulation.Running;

/// <param name="Plant">The name of a planted bug, or null for Core as it is.</param>
/// <param name="IsOfPayments">What the histories are of; a plant knows that itself.</param>
internal sealed record SimulationOptions(int Histories, ulong Seed, string? Plant, bool Trace, bool IsOfPayments);

/// <summary>The simulation as a program: a report for people, and a last line for scripts.</summary>
public static class SimulationCommand
{
    private const int TraceLines = 60;
    private const int TracedViolations = 3;

    /// <returns>The exit code: 1 if an invariant was violated.</returns>
    internal static int Run(SimulationOptions options, TextWriter output)
    {
        if (options.Plant is not { } name) return Run(options.Histories, options.Seed, options.Trace, options.IsOfPayments, output);

        var plant = Plant.All.Single(each => each.Name == name);
        output.WriteLine($"With a bug in {plant.File}: {plant.Breaks}");
        output.WriteLine($"  - {plant.Old}\n  + {plant.New}\n");
        if (plant.IsOfDeliveries)
        {
            output.WriteLine(PlantedCore.Load(plant).FirstViolation((int)options.Seed, options.Histories)?.ToString() ?? "no violation");
            return 1;
        }

        return PlantedCore.Load(plant).Run(options with { IsOfPayments = plant.IsOfPayments }, output);
    }

    /// <summary>Of base types only: it is also called in the copy of this assembly that stands on a Core with a bug.</summary>
    public static int Run(int histories, ulong seed, bool trace, bool isOfPayments, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (trace) Tell(seed, isOfPayments, int.MaxValue, output);

        var run = new SimulationRun(seed, histories, isOfPayments);
        var startedAt = Stopwatch.GetTimestamp();
        run.Run(progress: done => output.WriteLine($"{done,9:N0} of {histories:N0} histories, {run.Violations:N0} violations, {done / Stopwatch.GetElapsedTime(startedAt).TotalSeconds:N0} a second"));
        Report(run, histories, Stopwatch.GetElapsedTime(startedAt), output);
        foreach (var violated in run.Violated.Keys.Take(TracedViolations)) Tell(violated, isOfPayments, TraceLines, output);
        foreach (var (violated, violation) in run.Violated.Skip(TracedViolations)) output.WriteLine($"seed {violated}: {violation}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{histories} histories, {run.Violations} violations"));
        return run.Violations == 0 ? 0 : 1;
    }

    /// <summary>The history of a seed once more, which is the same again: its plan, its end, and how it came to that.</summary>
    internal static void Tell(ulong seed, bool isOfPayments, int linesMax, TextWriter output)
    {
        var trace = new Trace(linesMax);
        var outcome = AnyHistory.Run(seed, isOfPayments, trace);
        output.WriteLine($"seed {seed}: {outcome.Violation?.ToString() ?? "no violation"}");
        output.WriteLine($"plan: {outcome.Plan}");
        foreach (var line in trace.Lines) output.WriteLine(line);
        output.WriteLine($"{outcome.Events:N0} events, hash {outcome.Hash:x16}\n");
    }

    private static void Report(SimulationRun run, int histories, TimeSpan time, TextWriter output)
    {
        var counts = run.Counts;
        output.WriteLine($"""
            {histories:N0} histories in {time.TotalSeconds:N1} s: {histories / time.TotalSeconds:N0} a second
            {run.Events,13:N0} events, {counts.Commits:N0} transactions, {counts.Kills:N0} processes killed
            {counts.Calls,13:N0} calls answered, {counts.Delivered:N0} with images, {counts.Replayed:N0} of these with an earlier call's
            {counts.Charges,13:N0} requests charged, {counts.Late:N0} of them late, {counts.Voids:N0} voided, {counts.Expiries:N0} expired
            {counts.GrantsExpired,13:N0} grants expired with something left
            {counts.Events,13:N0} times a share of a limit was told
            {counts.HoursReported,13:N0} hours reported, {counts.HoursRepeated:N0} of them more than once, {counts.HoursAsked:N0} asked for, {counts.HoursInvoiced:N0} invoiced by themselves
            {counts.Payments,13:N0} payments, {counts.AutomaticCharges:N0} automatic charges, {counts.Returns:N0} refunds and disputes, {counts.Quarantined:N0} payments laid aside
            """);
        foreach (var (code, count) in counts.Errors) output.WriteLine($"{count,13:N0} times {code}");
    }
}
