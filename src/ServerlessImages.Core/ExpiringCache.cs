using System.Collections.Concurrent;

namespace ServerlessImages;

/// <summary>A bounded cache whose entries end after a time of their own. Full, it drops what has ended, and else everything: it is only a cache.</summary>
internal sealed class ExpiringCache<T>(TimeProvider clock, int entriesMax)
{
    private readonly ConcurrentDictionary<string, (T Value, DateTimeOffset Until)> entries = new(StringComparer.Ordinal);

    public bool TryGet(string key, out T? value)
    {
        var found = entries.TryGetValue(key, out var entry) && clock.GetUtcNow() < entry.Until;
        value = found ? entry.Value : default;
        return found;
    }

    public void Set(string key, T value, TimeSpan lifetime)
    {
        if (entries.Count >= entriesMax) MakeRoom();
        entries[key] = (value, clock.GetUtcNow() + lifetime);
    }

    public void Remove(string key) => entries.TryRemove(key, out _);

    private void MakeRoom()
    {
        var now = clock.GetUtcNow();
        foreach (var (key, entry) in entries)
        {
            if (entry.Until <= now) entries.TryRemove(key, out _);
        }

        if (entries.Count >= entriesMax) entries.Clear();
    }
}
