using System.Collections;

namespace ServerlessImages.Storage;

/// <summary>The properties of a row: each a 64-bit integer or a string, the two types that every store keeps exactly.</summary>
public sealed class Columns : IReadOnlyCollection<KeyValuePair<string, object>>, IEquatable<Columns>
{
    private readonly SortedDictionary<string, object> values = new(StringComparer.Ordinal);

    public int Count => values.Count;

    public void Add(string name, long value) => values.Add(name, value);

    public void Add(string name, string value) => values.Add(name, value);

    /// <returns>The integer, or 0 where the row was written before the column existed.</returns>
    public long Integer(string name) => values.TryGetValue(name, out var value) ? (long)value : 0;

    /// <returns>The string, or "" where the row was written before the column existed.</returns>
    public string Text(string name) => values.TryGetValue(name, out var value) ? (string)value : "";

    public IEnumerator<KeyValuePair<string, object>> GetEnumerator() => values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public bool Equals(Columns? other) => other is not null && values.SequenceEqual(other.values);

    public override bool Equals(object? obj) => Equals(obj as Columns);

    public override int GetHashCode() => values.Count;
}
