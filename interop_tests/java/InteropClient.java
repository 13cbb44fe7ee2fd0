import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The Java clients, driven line by line: a JSON object {"op": ...} on stdin, one JSON object on stdout in answer to each. Bytes are
 * base64. One JVM serves all tests of a run, where the console tools would start one for each step.
 */
public final class InteropClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final String bootstrap;
    private final Map<Integer, KafkaConsumer<byte[], byte[]>> polls = new HashMap<>();

    private InteropClient(String bootstrap) {
        this.bootstrap = bootstrap;
    }

    public static void main(String[] args) throws Exception {
        InteropClient client = new InteropClient(args[0]);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            ObjectNode answer = JSON.createObjectNode();
            try {
                client.run(JSON.readTree(line), answer);
            } catch (Exception e) {
                answer = JSON.createObjectNode();
                Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
                answer.put("error", code(cause)).put("text", cause.toString());
            }
            out.println(JSON.writeValueAsString(answer));
        }
    }

    private static int code(Throwable error) {
        // The consumer has an exception of its own for this error; it carries the partitions.
        if (error instanceof org.apache.kafka.clients.consumer.OffsetOutOfRangeException) {
            return Errors.OFFSET_OUT_OF_RANGE.code();
        }
        return Errors.forException(error).code();
    }

    private void run(JsonNode request, ObjectNode answer) throws Exception {
        switch (request.get("op").asText()) {
            case "create_topic" -> createTopic(request);
            case "delete_topic" -> deleteTopic(request);
            case "topics" -> topics(answer);
            case "produce" -> produce(request, answer);
            case "consume" -> consume(request, answer);
            case "offsets" -> offsets(request, answer);
            case "offset_for_time" -> offsetForTime(request, answer);
            case "long_poll" -> longPoll(request, answer);
            case "next" -> next(request, answer);
            case "close_poll" -> closePoll(request.get("poll").asInt());
            default -> throw new IllegalArgumentException("unknown op: " + request);
        }
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrap));
    }

    private KafkaConsumer<byte[], byte[]> consumer(int fetchMaxWaitMs) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("enable.auto.commit", "false");
        properties.put("auto.offset.reset", "none");
        properties.put("fetch.max.wait.ms", fetchMaxWaitMs);
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static TopicPartition partition(JsonNode request) {
        return new TopicPartition(request.get("topic").asText(), request.path("partition").asInt(0));
    }

    private void createTopic(JsonNode request) throws Exception {
        Map<String, String> configs = new HashMap<>();
        request.get("configs").properties().forEach(entry -> configs.put(entry.getKey(), entry.getValue().asText()));
        NewTopic topic = new NewTopic(request.get("topic").asText(), request.get("partitions").asInt(), (short) 1);
        try (Admin admin = admin()) {
            admin.createTopics(List.of(topic.configs(configs))).all().get();
        }
    }

    private void deleteTopic(JsonNode request) throws Exception {
        try (Admin admin = admin()) {
            admin.deleteTopics(List.of(request.get("topic").asText())).all().get();
        }
    }

    private void topics(ObjectNode answer) throws Exception {
        ObjectNode topics = answer.putObject("topics");
        try (Admin admin = admin()) {
            // Listed and then described, by name: DescribeTopicPartitions.
            for (TopicDescription each : admin.describeTopics(admin.listTopics().names().get()).allTopicNames().get().values()) {
                topics.put(each.name(), each.partitions().size());
            }
        }
    }

    private void produce(JsonNode request, ObjectNode answer) throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("compression.type", request.get("codec").asText());
        properties.put("acks", request.get("acks").asText());
        properties.put("enable.idempotence", request.get("idempotent").asBoolean());
        properties.put("max.request.size", request.get("max_request_size").asInt());
        properties.put("linger.ms", 5);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        TopicPartition to = partition(request);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (JsonNode record : request.get("records")) {
                JsonNode time = record.get("timestamp_ms");
                ProducerRecord<byte[], byte[]> each = new ProducerRecord<>(
                        to.topic(), to.partition(), time.isNull() ? null : time.asLong(), bytes(record.get("key")), bytes(record.get("value")));
                for (JsonNode header : record.get("headers")) {
                    each.headers().add(header.get(0).asText(), bytes(header.get(1)));
                }
                sent.add(producer.send(each));
            }
            ArrayNode offsets = answer.putArray("offsets");
            for (Future<RecordMetadata> each : sent) {
                offsets.add(each.get().offset());
            }
        }
    }

    private void consume(JsonNode request, ObjectNode answer) throws Exception {
        TopicPartition from = partition(request);
        int count = request.get("count").asInt();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(500)) {
            consumer.assign(List.of(from));
            JsonNode start = request.get("start");
            if (start.isNumber()) {
                consumer.seek(from, start.asLong());
            } else if (start.isObject()) {
                consumer.seek(from, consumer.offsetsForTimes(Map.of(from, start.get("timestamp_ms").asLong())).get(from).offset());
            } else if (start.asText().equals("earliest")) {
                consumer.seekToBeginning(List.of(from));
            } else {
                consumer.seekToEnd(List.of(from));
            }
            ArrayNode records = answer.putArray("records");
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (records.size() < count && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    if (records.size() < count) {
                        write(record, records.addObject());
                    }
                }
            }
        }
    }

    private void offsets(JsonNode request, ObjectNode answer) {
        TopicPartition of = partition(request);
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(500)) {
            answer.put("beginning", consumer.beginningOffsets(List.of(of)).get(of));
            answer.put("end", consumer.endOffsets(List.of(of)).get(of));
        }
    }

    private void offsetForTime(JsonNode request, ObjectNode answer) {
        TopicPartition of = partition(request);
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(500)) {
            OffsetAndTimestamp found = consumer.offsetsForTimes(Map.of(of, request.get("timestamp_ms").asLong())).get(of);
            answer.put("offset", found == null ? null : found.offset());
        }
    }

    private void longPoll(JsonNode request, ObjectNode answer) {
        TopicPartition of = partition(request);
        KafkaConsumer<byte[], byte[]> consumer = consumer(30_000);
        consumer.assign(List.of(of));
        consumer.seekToEnd(List.of(of));
        consumer.position(of);
        // Returns with nothing, and with the fetch that waits at the broker in flight.
        if (!consumer.poll(Duration.ofMillis(300)).isEmpty()) {
            throw new IllegalStateException("the consumer was not at the end");
        }
        int poll = polls.size();
        polls.put(poll, consumer);
        answer.put("poll", poll);
    }

    private void next(JsonNode request, ObjectNode answer) {
        KafkaConsumer<byte[], byte[]> consumer = polls.get(request.get("poll").asInt());
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(request.get("timeout_ms").asLong()))) {
            write(record, answer.putObject("record"));
            return;
        }
    }

    private void closePoll(int poll) {
        // Without waiting: an orderly close would first await the answer of the fetch that is at the broker.
        polls.remove(poll).close(CloseOptions.timeout(Duration.ZERO));
    }

    private static byte[] bytes(JsonNode node) throws java.io.IOException {
        return node.isNull() ? null : node.binaryValue();
    }

    private static void write(ConsumerRecord<byte[], byte[]> record, ObjectNode into) {
        into.put("offset", record.offset()).put("timestamp_ms", record.timestamp());
        into.put("key", record.key()).put("value", record.value());
        ArrayNode headers = into.putArray("headers");
        for (Header header : record.headers()) {
            headers.addArray().add(header.key()).add(header.value());
        }
    }
}
