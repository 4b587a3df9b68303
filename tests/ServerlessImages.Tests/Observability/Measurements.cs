using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ServerlessImages.Tests.Observability;

/// <summary>Tests that count what the whole process measures: one at a time, and with no other test beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuredAlone
{
    public const string Name = "measured alone";
}

/// <summary>All that the product measures from now on.</summary>
internal sealed class Measurements : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly ConcurrentQueue<Measured> all = new();

    public Measurements()
    {
        listener.InstrumentPublished = (instrument, published) =>
        {
            if (instrument.Meter.Name == Telemetry.Name) published.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
    }

    public IReadOnlyCollection<Measured> All => all;

    /// <summary>What was added to a counter, where the attributes are these among others.</summary>
    public double Sum(Instrument instrument, params (string Name, object Value)[] attributes) => Of(instrument, attributes).Sum(each => each.Value);

    public IEnumerable<Measured> Of(Instrument instrument, params (string Name, object Value)[] attributes) =>
        all.Where(each => each.Instrument == instrument.Name && attributes.All(wanted => wanted.Value.Equals(each.Attributes.GetValueOrDefault(wanted.Name))));

    public void Dispose() => listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        all.Enqueue(new(instrument.Name, value, tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value, StringComparer.Ordinal)));
}

internal sealed record Measured(string Instrument, double Value, IReadOnlyDictionary<string, object?> Attributes);
