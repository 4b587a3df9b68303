using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace ServerlessImages.Cli;

/// <summary>A running command: whom it calls, and how it shows what was answered.</summary>
internal sealed class Desk(OperatorClient client, CliHost host, bool isJson)
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public OperatorClient Client { get; } = client;

    public CliHost Host { get; } = host;

    /// <summary>Shows a list as a table, or as JSON.</summary>
    public void Show(IReadOnlyList<JsonElement> rows, params Column[] columns)
    {
        if (isJson)
        {
            Host.Output.WriteLine(JsonSerializer.Serialize(rows, Readable));
            return;
        }

        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in columns) table.AddColumn(new TableColumn(Markup.Escape(column.Name)) { Alignment = column.IsNumber ? Justify.Right : Justify.Left, NoWrap = !column.MayWrap });
        foreach (var row in rows) table.AddRow([.. columns.Select(column => Markup.Escape(column.Text(row)))]);
        if (rows.Count == 0) Host.Results.WriteLine("There is nothing.");
        else Host.Results.Write(table);
    }

    /// <summary>Shows one thing, member by member.</summary>
    public void Show(JsonElement thing)
    {
        if (isJson)
        {
            Host.Output.WriteLine(JsonSerializer.Serialize(thing, Readable));
            return;
        }

        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        AddTo(grid, thing, "");
        Host.Results.Write(grid);
    }

    public static string Words(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array => string.Join(" ", value.EnumerateArray().Select(Words)),
        JsonValueKind.Null or JsonValueKind.Undefined => "–",
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        _ => value.GetRawText(),
    };

    public static string Time(JsonElement seconds) => seconds.ValueKind == JsonValueKind.Number ? DateTimeOffset.FromUnixTimeSeconds(seconds.GetInt64()).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "–";

    private static void AddTo(Grid grid, JsonElement thing, string prefix)
    {
        foreach (var member in thing.EnumerateObject().Where(member => member.Name != "object"))
        {
            if (member.Value.ValueKind == JsonValueKind.Object) AddTo(grid, member.Value, prefix + member.Name + ".");
            else grid.AddRow(Markup.Escape(prefix + member.Name), Markup.Escape(member.Name is "created" || member.Name.EndsWith("_at", StringComparison.Ordinal) ? Time(member.Value) : Words(member.Value)));
        }
    }
}

/// <summary>A column of a table.</summary>
/// <param name="Path">Of the member, with dots between.</param>
internal sealed record Column(string Name, string Path, bool IsNumber = false, bool IsTime = false, bool MayWrap = false)
{
    public string Text(JsonElement row)
    {
        foreach (var name in Path.Split('.')) row = row.ValueKind == JsonValueKind.Object && row.TryGetProperty(name, out var member) ? member : default;
        return IsTime ? Desk.Time(row) : Desk.Words(row);
    }

    public static Column Money(string name, string path) => new(name, path, IsNumber: true);

    public static Column Number(string name, string path) => new(name, path, IsNumber: true);

    public static Column Time(string name, string path) => new(name, path, IsTime: true);
}
