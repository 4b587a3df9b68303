using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace ServerlessImages.Local.Stripe;

/// <summary>An invoice as a PDF of one page, in the font that every reader has. Source of the form: ISO 32000-1, 7.5 and 9.4.</summary>
internal static class StripePdf
{
    private const int LinesMax = 40;

    public static byte[] Of(JsonObject invoice)
    {
        string[] lines =
        [
            $"Invoice {invoice.Text("number")} ({invoice.Text("status")})",
            $"{invoice.Text("customer_name")}, {StripePage.Day(invoice.Number("created"))}",
            "",
            .. invoice.Data("lines").Take(LinesMax).Select(each => $"{each.Text("description")}: {StripePage.Dollars(each.Number("amount"))}"),
            "",
            $"Total: {StripePage.Dollars(invoice.Number("total"))}",
            "Made by an emulator: no money moved.",
        ];
        var text = "BT /F1 11 Tf 16 TL 60 780 Td\n" + string.Concat(lines.Select(line => $"({Escaped(line)}) Tj T*\n")) + "ET";
        string[] objects =
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
            string.Create(CultureInfo.InvariantCulture, $"<< /Length {text.Length} >>\nstream\n{text}\nendstream"),
        ];
        return Encoding.ASCII.GetBytes(File(objects));
    }

    private static string File(string[] objects)
    {
        var file = new StringBuilder("%PDF-1.4\n");
        var offsets = new List<int>();
        foreach (var (index, each) in objects.Index())
        {
            offsets.Add(file.Length);
            file.Append(CultureInfo.InvariantCulture, $"{index + 1} 0 obj\n{each}\nendobj\n");
        }

        var table = file.Length;
        file.Append(CultureInfo.InvariantCulture, $"xref\n0 {objects.Length + 1}\n0000000000 65535 f \n");
        foreach (var offset in offsets) file.Append(CultureInfo.InvariantCulture, $"{offset:D10} 00000 n \n");
        return file.Append(CultureInfo.InvariantCulture, $"trailer\n<< /Size {objects.Length + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").ToString();
    }

    /// <summary>One byte for each character: what is not ASCII becomes a question mark.</summary>
    private static string Escaped(string line) =>
        string.Concat(line.Replace('×', 'x').Replace('−', '-').Select(letter => letter is '(' or ')' or '\\' ? $"\\{letter}" : char.IsAscii(letter) && !char.IsControl(letter) ? letter.ToString() : "?"));
}
