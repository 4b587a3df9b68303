using System.Text;

namespace ServerlessImages.Tests.Observability;

/// <summary>Words that occur nowhere else, put where secrets are, and looked for in all that comes out.</summary>
internal sealed class Canaries
{
    private readonly Dictionary<string, string> secrets = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private readonly List<(string Where, byte[] What)> seen = [];

    /// <returns>A new word, to be put in that place. Letters and digits: no encoding of addresses or JSON changes it.</returns>
    public string Put(string place) => Watch(place, "canary" + Guid.NewGuid().ToString("N"));

    /// <summary>Looks for what is secret already.</summary>
    public string Watch(string place, string secret)
    {
        lock (gate) secrets[place] = secret;
        return secret;
    }

    public void Saw(string where, string? what) => Saw(where, Encoding.UTF8.GetBytes(what ?? ""));

    public void Saw(string where, byte[] what)
    {
        lock (gate) seen.Add((where, what));
    }

    public int SeenIn(string where)
    {
        lock (gate) return seen.Count(each => each.Where == where);
    }

    /// <summary>Each secret that came out, as itself or in base64, and where: "the prompt in logs".</summary>
    /// <param name="except">Places whose words an answer repeats to its own caller: "the prompt in logs".</param>
    public IReadOnlyList<string> Hits(params string[] except)
    {
        lock (gate)
        {
            var forms = secrets.SelectMany(each => new[] { each.Value, Convert.ToBase64String(Encoding.UTF8.GetBytes(each.Value)).TrimEnd('=') }, (each, form) => (Place: each.Key, Form: Encoding.UTF8.GetBytes(form))).ToArray();
            return [.. from form in forms from each in seen where each.What.AsSpan().IndexOf(form.Form) >= 0 let hit = $"{form.Place} in {each.Where}" where !except.Contains(hit) group hit by hit into hits select hits.Key];
        }
    }
}
