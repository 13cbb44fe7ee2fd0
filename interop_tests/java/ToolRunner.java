import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Exit;
import org.slf4j.LoggerFactory;

/**
 * Kafka's command-line tools in one JVM: a JSON object {"tool": class, "args": [...], "stdin": text} on stdin, a JSON object with
 * exit code and output in answer to each. A JVM for each call would take longer to start than the call takes.
 */
public final class ToolRunner {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Leaves a tool that wants to end the process; an Error, since the tools catch exceptions. */
    private static final class Exited extends Error {
        private static final long serialVersionUID = 1L;

        private Exited() {
            super(null, null, false, false);
        }
    }

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<Runnable> hooks = new ArrayList<>();
    private ObjectNode answer;

    private ToolRunner() {}

    public static void main(String[] args) throws Exception {
        // Log lines go to the stderr of the process: the appender takes hold of it now, before it is replaced.
        LoggerFactory.getLogger(ToolRunner.class);
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            answers.println(JSON.writeValueAsString(new ToolRunner().run(JSON.readTree(line))));
        }
        Runtime.getRuntime().halt(0); // whatever threads a tool that failed has left behind
    }

    private ObjectNode run(JsonNode request) throws ReflectiveOperationException {
        List<String> args = new ArrayList<>();
        request.get("args").forEach(arg -> args.add(arg.asText()));
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        System.setIn(new ByteArrayInputStream(request.get("stdin").asText().getBytes(StandardCharsets.UTF_8)));
        Exit.setExitProcedure((code, message) -> exit(code));
        Exit.setHaltProcedure((code, message) -> exit(code));
        Exit.setShutdownHookAdder((name, hook) -> hooks.add(hook));
        try {
            Class.forName(request.get("tool").asText())
                .getMethod("main", String[].class)
                .invoke(null, (Object) args.toArray(new String[0]));
            finish(0);
        } catch (InvocationTargetException e) {
            if (!(e.getCause() instanceof Exited)) {
                e.getCause().printStackTrace();
                finish(1); // as the JVM does after an exception that nobody caught
            }
        }
        return answer;
    }

    private void exit(int code) {
        finish(code);
        throw new Exited();
    }

    /** What happened until the first exit counts: a tool may catch the Error, and complain, and exit again. */
    private void finish(int code) {
        if (answer == null) {
            answer = JSON.createObjectNode().put("exit_code", code);
            hooks.forEach(Runnable::run);
            answer.put("out", out.toString(StandardCharsets.UTF_8)).put("err", err.toString(StandardCharsets.UTF_8));
        }
    }
}
